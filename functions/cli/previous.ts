import { findPrevious, type Sighting } from '../../shared/core/gate/previous.ts';
import type { JobRow } from '../../shared/core/rows.ts';
import { formatTime } from '../../shared/core/time.ts';
import { VERSION_FACT, versionOf, withoutBlanks } from '../../shared/core/version.ts';
import type { History } from '../../shared/ports/history.ts';
import type { GlobalFlags } from '../config.ts';
import { UsageError } from '../errors.ts';
import { withHistory } from '../ports.ts';
import { oneLine, type Terminal } from './io.ts';
import { requireTest } from './known-test.ts';
import { readLabels } from './labels.ts';
import { begin } from './open-ports.ts';
import { shortTime } from './summary.ts';

/** What `previous` takes. */
export interface PreviousFlags {
  readonly label?: string;
  readonly json?: boolean;
}

const MOST_RUNS = 1000;
const MOST_VERSIONS = 50;
/** A label that a registry's announcements speak of, beside those of runs. */
const ALIAS = 'alias';

/** Prints the version before the one that is in place: alone on its line, for a script that goes back. */
export async function previousCommand(
  testName: string,
  flags: PreviousFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  const { setup } = await begin(flags, terminal);
  const label = flags.label === undefined ? null : Object.entries(readLabels([flags.label]))[0]!;
  const { runs, seen } = await withHistory(setup, terminal.env, async (history) => {
    const found = await sightings(history, testName, label);
    if (found.length === 0) await requireTest(testName, history, setup);
    return { runs: await newestOfEach(history, testName, found), seen: found };
  });
  const { current, previous, failed } = findPrevious(seen, runs);
  if (flags.json) {
    const { version, verdict } = previous ?? { version: null, verdict: null };
    terminal.out(
      `${JSON.stringify({ test_name: testName, current, previous: version, verdict, failed_between: failed, since: previous === null ? null : formatTime(previous.at) })}\n`,
    );
    return previous === null ? 1 : 0;
  }
  if (current === null) throw new UsageError(nothing(testName, flags.label));
  for (const version of failed) terminal.err(`Not ${oneLine(version)}: its newest run failed.\n`);
  if (previous === null) {
    terminal.err(`There is no version before ${oneLine(current)} to go back to.\n`);
    return 1;
  }
  const said = previous.verdict === null ? 'never judged' : `its newest run is ${previous.verdict}`;
  terminal.err(
    `${oneLine(previous.version)} was before ${oneLine(current)}, last seen ${shortTime(previous.at)} UTC, ${said}.\n`,
  );
  terminal.out(`${oneLine(previous.version)}\n`);
  return 0;
}

function nothing(testName: string, label: string | undefined): string {
  const which = label === undefined ? 'names a version' : `with ${label} names a version`;
  return `No run of "${testName}" ${which}: give runs --label version=…`;
}

async function sightings(
  history: History,
  testName: string,
  label: readonly [string, string] | null,
): Promise<Sighting[]> {
  const announced = label?.[0] === ALIAS ? await announcements(history, testName, label[1]) : [];
  const runs = label === null ? await newestOf(history, testName) : await labelled(history, testName, label);
  const ran = runs.flatMap((run) => {
    const version = versionOf(run);
    return version === null ? [] : [{ version, at: run.finishedAt }];
  });
  return [...ran, ...announced];
}

async function newestOf(history: History, testName: string): Promise<readonly JobRow[]> {
  return (await history.newestRuns({ since: 0, limit: MOST_RUNS })).get(testName) ?? [];
}

async function labelled(
  history: History,
  testName: string,
  [fact, value]: readonly [string, string],
): Promise<JobRow[]> {
  const runs = await history.runsWith(testName, { fact, value, limit: MOST_RUNS, metrics: [] });
  return runs.map(({ job }) => job);
}

/** The newest run of each of the versions that were seen last. */
async function newestOfEach(
  history: History,
  testName: string,
  seen: readonly Sighting[],
): Promise<JobRow[]> {
  const newestFirst = seen.toSorted((a, b) => b.at - a.at).map(({ version }) => version);
  const versions = [...new Set(newestFirst)].slice(0, MOST_VERSIONS);
  const found = await Promise.all(
    versions.map((value) => history.runsWith(testName, { fact: VERSION_FACT, value, limit: 1, metrics: [] })),
  );
  return found.flat().map(({ job }) => job);
}

/** What a registry said of its alias: which version got it when. */
async function announcements(history: History, subject: string, alias: string): Promise<Sighting[]> {
  const decisions = await history.decisions({ kind: 'candidate', subject, limit: MOST_RUNS });
  return decisions.flatMap(({ at, data }) =>
    data.alias === withoutBlanks(alias) && typeof data.version === 'string'
      ? [{ version: data.version, at }]
      : [],
  );
}
