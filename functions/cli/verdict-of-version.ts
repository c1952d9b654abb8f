import { appendFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Decision } from '../../shared/core/decision-record.ts';
import type { VerdictBody } from '../../shared/core/gate/record.ts';
import { parseDuration } from '../../shared/core/time.ts';
import { askGate } from '../../shared/pipeline/ask-gate.ts';
import { send, unsentNotice } from '../../shared/pipeline/send.ts';
import type { History } from '../../shared/ports/history.ts';
import { gateAnnotations, gateJunit, gateMarkdown, gateText } from '../../shared/render/gate-text.ts';
import { openQueue, openUnsent } from '../adapters.ts';
import { clockAt } from '../clock.ts';
import type { GlobalFlags, Setup } from '../config.ts';
import { UsageError } from '../errors.ts';
import { readAsked } from '../gate/asked.ts';
import { modelTagger } from '../gate/tag-model.ts';
import { decisionMessage } from '../gate/verdict-message.ts';
import { withHistory } from '../ports.ts';
import { oneLine, type Terminal } from './io.ts';
import { requireTest } from './known-test.ts';
import { begin } from './open-ports.ts';

/** What `verdict --version` takes. */
export interface VersionFlags {
  /** `--version`, under the name that the parser knows. */
  readonly ofVersion?: string;
  readonly baseline?: string;
  readonly baselineLabel?: string;
  readonly policy?: string;
  readonly runs?: string;
  readonly onInconclusive?: string;
  readonly wait?: string;
  readonly format?: string;
  readonly json?: boolean;
  readonly soft?: boolean;
  readonly out?: string;
  /** False: `--no-keep`. */
  readonly keep?: boolean;
}

const EXIT = { pass: 0, fail: 1, inconclusive: 3, pending: 4 } as const;
const POLL_MS = 500;
const PUBLISH_WAIT_MS = 10_000;

type Kept = Decision & { readonly data: VerdictBody };

/** Whether a version may pass; the verdict is the exit code, and is kept by way of the queue. */
export async function verdictOfVersion(
  testName: string,
  flags: VersionFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  const { ofVersion: version, ...rest } = flags;
  const asked = readAsked({ test: testName, version: version ?? '', ...rest });
  const wait = flags.wait === undefined ? 0 : parseDuration(flags.wait);
  if (wait === null)
    throw new UsageError(`Cannot read --wait "${flags.wait}": wanted a duration such as 15m`);
  const { setup, clock } = await begin(flags, terminal);
  const until = clockAt(undefined).now() + wait;
  const { record, isKept } = await withHistory(setup, terminal.env, async (history) => {
    const found = await settled(history, { ...asked, setup, until, now: clock.now() });
    return { record: found, isKept: await isRecorded(history, found) };
  });
  const { data, id } = record;
  if (data.verdict !== 'pending' && flags.keep !== false) {
    if (!isKept) await keep(record, setup, terminal);
    const warn = (sentence: string) => terminal.err(`tidemark: ${oneLine(sentence)}\n`);
    await modelTagger({ ...setup, env: terminal.env, warn })(record);
  }
  terminal.out(output(data, { id, flags, terminal }));
  if (flags.out !== undefined) writeFileSync(flags.out, `${data.verdict}\n`);
  return flags.soft && data.verdict !== 'pending' ? 0 : EXIT[data.verdict];
}

interface Waiting extends ReturnType<typeof readAsked> {
  readonly setup: Setup;
  readonly until: number;
  readonly now: number;
}

/** The answer, once it is no longer pending or the time to wait is over. */
async function settled(history: History, { setup, until, ...asked }: Waiting): Promise<Kept> {
  const clock = clockAt(undefined);
  for (;;) {
    const isOver = clock.now() >= until;
    const reply = await askGate(history, { ...asked, tests: setup.tests });
    if (reply.kind === 'problem') throw new UsageError(reply.problem);
    // The first run of a new test may be the one that is waited for.
    if (isOver && reply.kind === 'unknown') await requireTest(asked.subject.testName, history, setup);
    if (reply.kind === 'answer' && (isOver || reply.record.data.verdict !== 'pending')) return reply.record;
    await sleep(Math.min(POLL_MS, Math.max(1, until - clock.now())));
  }
}

async function isRecorded(history: History, { id, data }: Kept): Promise<boolean> {
  if (data.verdict === 'pending') return false;
  return (await history.decisions({ kind: 'verdict', id, limit: 1 })).length > 0;
}

/** A verdict that cannot be kept is one all the same. */
async function keep(record: Kept, { state, queue: url }: Setup, { err }: Terminal): Promise<void> {
  const unsent = await openUnsent(state);
  const queue = await openQueue(url);
  try {
    const sent = await send(decisionMessage(record), { queue, unsent }, { wait: PUBLISH_WAIT_MS });
    err(unsentNotice('the verdict', sent));
  } finally {
    await queue.close();
  }
}

interface Output {
  readonly id: string;
  readonly flags: VersionFlags;
  readonly terminal: Terminal;
}

function output(body: VerdictBody, { id, flags, terminal }: Output): string {
  switch (flags.json ? 'json' : (flags.format ?? 'text')) {
    case 'json':
      return `${JSON.stringify({ id, ...body })}\n`;
    case 'junit':
      return gateJunit(body);
    case 'github':
      tellGitHub(body, { id, env: terminal.env });
      return gateAnnotations(body);
    default:
      return gateText(body, { ...terminal, id });
  }
}

/** The summary of a step, and outputs that later steps can ask for: words of ours only. */
function tellGitHub(
  body: VerdictBody,
  { id, env }: { readonly id: string; readonly env: Terminal['env'] },
): void {
  const { GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: outputs } = env;
  if (summary) appendFileSync(summary, gateMarkdown(body));
  if (outputs) appendFileSync(outputs, `verdict=${body.verdict}\nverdict-id=${id}\n`);
}
