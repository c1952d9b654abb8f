import { digestOf } from '../../shared/core/digest.ts';
import type { RejectedMessage, RunEvent } from '../../shared/core/run-event.ts';
import { parseTime } from '../../shared/core/time.ts';
import { importRuns } from '../../shared/pipeline/import-runs.ts';
import type { GlobalFlags } from '../config.ts';
import { UsageError } from '../errors.ts';
import { fileRows } from './import-files.ts';
import { openStaging, type Staging } from './import-staging.ts';
import { type ImportSystem, mtaSystem, type Told, xlmlSystem } from './import-systems.ts';
import { oneLine, type Terminal } from './io.ts';
import { begin, withPorts } from './open-ports.ts';
import { progressBar } from './progress.ts';

export interface ImportFlags {
  readonly testName?: string;
  readonly finishedAt?: string;
  readonly json?: boolean;
}

/** Runs recorded and judged at a time. */
const PIECE = 500;
/** Bad rows that are told one by one; all are kept. */
const MOST_TOLD = 20;

/** What reading all files came to. */
interface Counted {
  rows: number;
  duplicates: number;
  readonly rejected: RejectedMessage[];
}

/** Takes over what another system kept. Rows that cannot be used are told and kept; without a single run exits 2. */
export async function importCommand(
  what: { readonly system: string; readonly files: readonly string[] },
  flags: ImportFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  const system = systemOf(what.system, flags);
  const command = await begin(flags, terminal);
  const staging = openStaging();
  try {
    const counted = readFiles(what.files, { system, staging });
    counted.duplicates += staging.collapse();
    const { runs, orphans, orphanRuns } = staging.counts();
    const progress = await progressBar('Importing runs', runs, terminal);
    const events = pieces(staging, { system, counted });
    const { judged, conflicts } = await withPorts(command, { ...terminal, err: quiet(terminal) }, (ports) =>
      importRuns(
        { events, rejected: counted.rejected },
        { ports, settings: command.setup },
        { onRuns: progress.advance },
      ),
    ).finally(progress.stop);
    const { rows, duplicates, rejected } = counted;
    tellRejected(rejected, terminal);
    const told = {
      rows,
      runs,
      judged,
      duplicates,
      conflicts,
      orphans,
      orphan_runs: orphanRuns,
      rejected: rejected.length,
    };
    terminal.out(flags.json ? `${JSON.stringify(told)}\n` : summary(told));
    return runs > 0 || rows === 0 ? 0 : 2;
  } finally {
    staging.close();
  }
}

function systemOf(name: string, flags: ImportFlags): ImportSystem {
  if (name === 'mta') return mtaSystem;
  if (name === 'xlml') return xlmlSystem(defaultsOf(flags));
  throw new UsageError(`Cannot import from "${name}": it must be mta or xlml`);
}

function defaultsOf({ testName, finishedAt }: ImportFlags) {
  const time = finishedAt === undefined ? null : parseTime(finishedAt);
  if (finishedAt !== undefined && time === null) {
    throw new UsageError(`--finished-at must be an ISO 8601 time: current value is "${finishedAt}"`);
  }
  return { testName: testName ?? null, finishedAt: time };
}

/** What failed then is no news; what goes wrong now is. */
function quiet({ err }: Terminal): Terminal['err'] {
  return (text) => {
    if (!text.startsWith('Metric `')) err(text);
  };
}

function readFiles(
  files: readonly string[],
  { system, staging }: { readonly system: ImportSystem; readonly staging: Staging },
): Counted {
  const counted: Counted = { rows: 0, duplicates: 0, rejected: [] };
  for (const file of files) {
    const place = (key: string, at: (key: string) => string) => `${file}:${at(key)}`;
    for (const row of fileRows(file)) {
      counted.rows += 1;
      const refuse = (key: string, message: string) =>
        counted.rejected.push(rejectedRow({ place: place(key, row.at), message, text: row.text }));
      if (row.values === null) {
        refuse('', row.problem);
        continue;
      }
      const staged = system.stage(row.values, { staging, place: place('', row.at) });
      if (staged.kind === 'same') counted.duplicates += 1;
      else if (staged.kind === 'other')
        refuse('', `says something else than ${staged.place} of the same run; that one counts`);
      else if (staged.kind === 'wrong') {
        const [first] = staged.problems;
        const message = staged.problems.map(({ key, message: of }) => `${key}: ${of}`).join('; ');
        refuse(first!.key, message);
      }
    }
  }
  return counted;
}

function rejectedRow({
  place,
  message,
  text,
}: {
  place: string;
  message: string;
  text: string;
}): RejectedMessage {
  const detail = `Cannot read ${place}: ${message}`;
  const body = new TextEncoder().encode(text);
  return { id: digestOf('import-row', text), reason: 'line', detail, name: place, publishTime: 0, body };
}

/** Events in the order of ends; a run that makes none is told with the other rows. */
function* pieces(
  staging: Staging,
  { system, counted }: { readonly system: ImportSystem; readonly counted: Counted },
): Generator<readonly RunEvent[]> {
  let piece: RunEvent[] = [];
  for (const run of staging.runs()) {
    const made = system.event(run);
    if (made.ok) piece.push(made.event);
    else counted.rejected.push(rejectedRow({ place: run.place, message: made.detail, text: run.row }));
    if (piece.length < PIECE) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}

function tellRejected(rejected: readonly RejectedMessage[], { err }: Terminal): void {
  for (const { detail } of rejected.slice(0, MOST_TOLD)) err(`${oneLine(detail)}\n`);
  if (rejected.length > MOST_TOLD)
    err(`… and ${rejected.length - MOST_TOLD} more; all are in rejected_messages\n`);
}

function summary(told: Told): string {
  const { rows, runs, judged, duplicates, conflicts, orphans, rejected } = told;
  const notes = [
    duplicates > 0 ? `${count(duplicates, 'row')} told the same twice` : [],
    orphans > 0
      ? `${count(orphans, 'metric')} of ${count(told.orphan_runs, 'run')} without a row of job_history left out: give both tables`
      : [],
    conflicts > 0 ? `${count(conflicts, 'run')} here already with other contents, and stayed` : [],
    rejected > 0 ? `${count(rejected, 'row')} rejected` : [],
  ].flat();
  const first = `${count(rows, 'row')} read: ${count(runs, 'run')}, ${judged} of them judged now.`;
  return `${[first, ...notes.map((note) => `${note}.`)].join('\n')}\n`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
