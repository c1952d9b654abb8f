import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { digestOf } from '../../shared/core/digest.ts';
import { isTooDeep, TOO_DEEP } from '../../shared/core/json.ts';
import { parseMessage } from '../../shared/core/parse-message.ts';
import { pastRun } from '../../shared/core/past-run.ts';
import type { RejectedMessage, RunEvent } from '../../shared/core/run-event.ts';
import { UsageError } from '../errors.ts';
import { isUrl } from '../is-url.ts';

export interface PastRunsFile {
  readonly events: readonly RunEvent[];
  /** Lines that cannot be used, each with file, line and reason. */
  readonly rejected: readonly RejectedMessage[];
}

const utf8 = new TextEncoder();

/** Reads a backfill file: one JSON object a line; relative model directories are meant from the file. */
export function readRuns(file: string): PastRunsFile {
  const events: RunEvent[] = [];
  const rejected: RejectedMessage[] = [];
  const seen = new Map<string, { line: number; body: string }>();
  const folder = dirname(resolve(file));
  const locate = (modelDir: string) => (isUrl(modelDir) ? modelDir : resolve(folder, modelDir));
  for (const [index, text] of textOf(file).split('\n').entries()) {
    if (text.trim() === '') continue;
    const line = index + 1;
    const refuse = (detail: string) => rejected.push(rejectedLine({ file, line, text, detail }));
    const read = readLine(text, locate);
    if (!read.ok) {
      refuse(read.detail);
      continue;
    }
    const before = seen.get(read.identity);
    if (before !== undefined && before.body !== read.event.body) {
      refuse(`is another run with the id of line ${before.line}; ids must differ within a test`);
      continue;
    }
    if (before === undefined) seen.set(read.identity, { line, body: read.event.body });
    events.push(read.event);
  }
  return { events, rejected };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UsageError(`Cannot read ${file}: ${(error as Error).message}`);
  }
}

type ReadLine =
  | { readonly ok: true; readonly event: RunEvent; readonly identity: string }
  | { readonly ok: false; readonly detail: string };

function readLine(text: string, locate: (modelDir: string) => string): ReadLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, detail: `is not JSON: ${(error as Error).message}` };
  }
  if (isTooDeep(value)) return { ok: false, detail: TOO_DEEP };
  const past = pastRun(value, locate);
  if (!past.ok) return { ok: false, detail: past.problems.join('; ') };
  const body = utf8.encode(JSON.stringify(past.message));
  const parsed = parseMessage({ id: '', name: 'line', publishTime: 0, format: 'json', body });
  if (parsed.kind === 'event') return { ok: true, event: parsed.event, identity: past.identity };
  return { ok: false, detail: parsed.rejected.detail };
}

function rejectedLine(one: { file: string; line: number; text: string; detail: string }): RejectedMessage {
  const { file, line, text, detail } = one;
  return {
    id: digestOf('backfill-line', text),
    reason: 'line',
    detail: `Cannot read ${file}:${line}: ${detail}`,
    name: `${file}:${line}`,
    publishTime: 0,
    body: utf8.encode(text),
  };
}
