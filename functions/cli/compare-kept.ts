import {
  comparisonJson,
  comparisonOfJson,
  type KeptComparison,
} from '../../shared/core/comparing/comparison-json.ts';
import { type Decision, decisionEvent, decisionOf } from '../../shared/core/decision-record.ts';
import { formatTime } from '../../shared/core/time.ts';
import { eventMessage, send, unsentNotice } from '../../shared/pipeline/send.ts';
import { renderTable } from '../../shared/render/table.ts';
import { openQueue, openUnsent } from '../adapters.ts';
import type { GlobalFlags } from '../config.ts';
import { UsageError } from '../errors.ts';
import { withHistory } from '../ports.ts';
import type { CompareFlags } from './compare-flags.ts';
import { findById, shortId } from './find-id.ts';
import { oneLine, type Terminal } from './io.ts';
import { begin } from './open-ports.ts';
import { shortTime, verdictColumn } from './summary.ts';

/** Longest that the answer waits for the queue, milliseconds. */
const PUBLISH_WAIT = 10_000;
const MOST_LISTED = 100;
const LIST = 'tidemark compare --list';

/**
 * Puts what was found on the queue, for the next tick to record: the data may be gone by the time somebody asks. What
 * becomes of the message changes nothing of the answer.
 */
export async function keepComparison(
  { subject, comparison, settings }: KeptComparison,
  flags: GlobalFlags,
  terminal: Terminal,
): Promise<void> {
  const { setup, clock } = await begin(flags, terminal);
  const data = comparisonJson(subject, comparison, settings);
  const decision = decisionOf({ kind: 'comparison', subject: subject.subject, at: clock.now(), data });
  const queue = await openQueue(setup.queue);
  try {
    const message = eventMessage(decisionEvent(decision), clock.now());
    const sent = await send(
      message,
      { queue, unsent: await openUnsent(setup.state) },
      { wait: PUBLISH_WAIT },
    );
    const id = shortId(decision.id);
    terminal.err(unsentNotice(`comparison ${id}`, sent));
    if (sent.kind === 'published') {
      terminal.err(`Kept as ${id}: "tidemark compare --show ${id}", once a tick has recorded it.\n`);
    }
  } finally {
    await queue.close();
  }
}

/** A comparison by the beginning of its id. */
export async function shownComparison(
  id: string,
  flags: GlobalFlags,
  terminal: Terminal,
): Promise<KeptComparison> {
  const { setup } = await begin(flags, terminal);
  const found = await withHistory(setup, terminal.env, (history) =>
    history.decisions({ kind: 'comparison', id, limit: 6 }),
  );
  const decision = findById(id, found, { what: 'comparison', idOf: (one: Decision) => one.id, list: LIST });
  if (decision.data.schema !== 1)
    throw new UsageError(`Comparison "${id}" was kept by a newer Tidemark; install it`);
  terminal.err(`Compared ${formatTime(decision.at)}, id ${decision.id}\n`);
  return comparisonOfJson(decision.data);
}

/** The comparisons that were kept, newest first; of one subject or of all. */
export async function listComparisons(
  subject: string | undefined,
  flags: Pick<CompareFlags, 'json'> & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  const { setup } = await begin(flags, terminal);
  const about = subject === undefined ? {} : { subject };
  const all = await withHistory(setup, terminal.env, (history) =>
    history.decisions({ kind: 'comparison', ...about, limit: MOST_LISTED }),
  );
  const found = all.filter(({ data }) => data.schema === 1);
  const newer = all.length - found.length;
  if (newer > 0) terminal.err(`${newer} of ${all.length} comparisons were kept by a newer Tidemark.\n`);
  terminal.out(
    flags.json ? `${JSON.stringify({ comparisons: found.map(listJson) })}\n` : listText(found, terminal),
  );
  return 0;
}

function listJson(decision: Decision): object {
  const { subject, comparison } = comparisonOfJson(decision.data);
  return { id: decision.id, decided_at: formatTime(decision.at), ...subject, verdict: comparison.verdict };
}

function listText(found: readonly Decision[], { width, color }: Terminal): string {
  if (found.length === 0) return 'No comparison was kept yet.\n';
  const rows = found.map(({ id, at, data }) => {
    const { subject: what, comparison } = comparisonOfJson(data);
    const [name, by, a, b] = [what.subject, what.by, what.a, what.b].map(oneLine);
    return [shortId(id), shortTime(at), name!, `${by} ${a}`, `${by} ${b}`, comparison.verdict];
  });
  const columns = [
    { title: 'ID', min: 10 },
    { title: 'COMPARED (UTC)', min: 16 },
    { title: 'WHAT', min: 12 },
    { title: 'A', min: 8 },
    { title: 'B', min: 8 },
    verdictColumn('VERDICT'),
  ];
  return `${renderTable(columns, rows, { width, color })}\n`;
}
