import type { Verdict } from '../outcome.ts';
import type { JobRow } from '../rows.ts';
import { versionOf } from '../version.ts';

/** That a version got a name such as `production`, or ran under it. */
export interface Sighting {
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** One version of a test, by its newest run. */
export interface VersionSeen extends Sighting {
  readonly verdict: Exclude<Verdict, 'pending'> | null;
}

/** What one would go back to. */
export interface Previous {
  /** Null: no version has been seen. */
  readonly current: string | null;
  /** Null: there was none that did not fail. */
  readonly previous: VersionSeen | null;
  /** Versions between the two whose newest run failed, newest first. */
  readonly failed: readonly string[];
}

/**
 * The version before the one that was seen last. Each counts where it was seen last, so that going back and forth
 * gives the other one; a version whose newest run failed is nothing to go back to.
 */
export function findPrevious(seen: readonly Sighting[], runs: readonly JobRow[]): Previous {
  const newest = new Map<string, Sighting>();
  for (const one of seen.toSorted((a, b) => b.at - a.at)) {
    if (!newest.has(one.version)) newest.set(one.version, one);
  }
  const [current, ...others] = newest.values();
  const versions = others.map((one): VersionSeen => ({ ...one, verdict: newestVerdict(one.version, runs) }));
  const previous = versions.find(({ verdict }) => verdict !== 'fail') ?? null;
  const between = previous === null ? versions : versions.slice(0, versions.indexOf(previous));
  return { current: current?.version ?? null, previous, failed: between.map(({ version }) => version) };
}

function newestVerdict(version: string, runs: readonly JobRow[]): VersionSeen['verdict'] {
  const own = runs.filter((run) => versionOf(run) === version);
  const [newest] = own.toSorted((a, b) => b.finishedAt - a.finishedAt);
  return newest?.verdict ?? null;
}
