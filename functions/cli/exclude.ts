import { actionsFor } from '../../shared/core/baseline/actions.ts';
import { digestOf } from '../../shared/core/digest.ts';
import { BASELINE_KINDS } from '../../shared/core/person-action.ts';
import { formatTime } from '../../shared/core/time.ts';
import type { RunView } from '../../shared/ports/history.ts';
import type { GlobalFlags } from '../config.ts';
import { UsageError } from '../errors.ts';
import { type Acting, type ActingFlags, acting } from './acting.ts';
import { oneLine, type Terminal } from './io.ts';
import { requireTest } from './known-test.ts';

/** Takes a run out of the baselines of all runs that end from now on, or puts it back. */
export async function excludeCommand(
  kind: 'exclude' | 'include',
  [testName, runId]: readonly [string, string],
  { flags, terminal }: { readonly flags: ActingFlags & GlobalFlags; readonly terminal: Terminal },
): Promise<number> {
  if (kind === 'exclude' && !flags.note?.trim()) {
    throw new UsageError('Cannot exclude a run without a reason: say it with --note "…"');
  }
  const line = await acting(flags, terminal, async (given) => {
    await requireTest(testName, given.history, given.setup);
    const view = await given.history.findRun(testName, runId);
    if (view === null) throw noSuchRun(testName, runId, given);
    if (view.run.ended === null) throw new UsageError(`Cannot ${kind} run "${runId}": it has not ended yet`);
    return (await isExcluded(view, given)) === (kind === 'exclude')
      ? `Run ${oneLine(runId)} is ${kind}d already; nothing was changed.`
      : keep(kind, view, given);
  });
  terminal.out(`${line}\n`);
  return 0;
}

function noSuchRun(testName: string, runId: string, { setup }: Acting): UsageError {
  return new UsageError(
    `Test "${testName}" has no run "${runId}"; "${setup.command} history ${testName}" lists its runs`,
  );
}

async function isExcluded({ run }: RunView, { history }: Acting): Promise<boolean> {
  const actions = await history.actions({ kinds: BASELINE_KINDS, testName: run.testName });
  return actionsFor('', Number.POSITIVE_INFINITY, actions).excluded.includes(run.uuid);
}

async function keep(
  kind: 'exclude' | 'include',
  { run }: RunView,
  { history, now, actor, note }: Acting,
): Promise<string> {
  const { testName, runId, uuid } = run;
  await history.addAction({
    actionId: digestOf(kind, testName, uuid, String(now)),
    at: now,
    actor,
    via: 'cli',
    kind,
    target: {
      testName,
      signal: null,
      episodeId: null,
      run: { runId, uuid, finishedAt: run.ended!.finishedAt },
      matchers: [],
    },
    startsAt: null,
    endsAt: null,
    note,
  });
  const since = `runs of ${oneLine(testName)} that end after ${formatTime(now)}`;
  return kind === 'exclude'
    ? `Run ${oneLine(runId)} is excluded: it counts in no baseline of ${since}. What was judged before stays as it is.`
    : `Run ${oneLine(runId)} is included again: it counts in the baselines of ${since}.`;
}
