import { formatTime } from '../../shared/core/time.ts';
import type { IndexedRun } from '../../shared/ports/history.ts';
import { renderTable } from '../../shared/render/table.ts';
import type { GlobalFlags } from '../config.ts';
import { withHistory } from '../ports.ts';
import type { Terminal } from './io.ts';
import { begin } from './open-ports.ts';
import { shortTime } from './summary.ts';

export interface StatusFlags {
  readonly json?: boolean;
}

/** Shows what is open, and how much there is of everything. */
export async function statusCommand(flags: StatusFlags & GlobalFlags, terminal: Terminal): Promise<number> {
  const { setup } = await begin(flags, terminal);
  const { open, counts } = await withHistory(setup, terminal.env, async (history) => ({
    open: await history.openRuns(),
    counts: await history.counts(),
  }));
  terminal.out(
    flags.json
      ? `${JSON.stringify({ counts, open: open.map(openJson) })}\n`
      : statusText(open, counts, terminal),
  );
  return 0;
}

function openJson({ testName, runId, attempt, startedAt, checkAt }: IndexedRun): object {
  return {
    test_name: testName,
    run_id: runId,
    attempt,
    started_at: startedAt === null ? null : formatTime(startedAt),
    given_up_at: checkAt === null ? null : formatTime(checkAt),
  };
}

function statusText(
  open: readonly IndexedRun[],
  counts: Readonly<Record<string, number>>,
  terminal: Terminal,
): string {
  const { width, color } = terminal;
  const rows = Object.entries(counts).map(([name, count]) => [name.replaceAll('_', ' '), String(count)]);
  const totals = renderTable([{ title: 'WHAT' }, { title: 'COUNT', align: 'right' }], rows, { width, color });
  if (open.length === 0) return `${totals}\n\nNo run is open.\n`;
  const columns = [
    { title: 'OPEN TEST', min: 12 },
    { title: 'RUN', min: 12 },
    { title: 'STARTED (UTC)', min: 16 },
    { title: 'GIVEN UP AFTER', min: 16 },
  ];
  const lines = open.map(({ testName, runId, startedAt, checkAt }) => [
    testName,
    runId,
    startedAt === null ? '' : shortTime(startedAt),
    checkAt === null ? '' : shortTime(checkAt),
  ]);
  return `${totals}\n\n${renderTable(columns, lines, { width, color })}\n`;
}
