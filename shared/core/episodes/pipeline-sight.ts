import { maskSecrets } from '../mask-secrets.ts';
import type { Episode, RunPoint } from './episode.ts';
import { plainDetails } from './finding.ts';
import type { Says, Sight } from './sight.ts';
import { TIDEMARK_ITSELF } from './tidemark-itself.ts';

/**
 * What of its own work a tick can fail to do, worst first. `queue`: messages could not be read, or not be taken off it;
 * `defect`: runs could not be judged, for a reason that nobody foresaw; `files`: those of runs were out of reach.
 */
export const TROUBLES = ['queue', 'defect', 'files'] as const;
export type TroubleWord = (typeof TROUBLES)[number];

/** One kind of thing that a tick could not do; of a kind there is one at most. */
export interface Trouble {
  readonly word: TroubleWord;
  /** What was said, from wherever it came; of several runs about the first. */
  readonly detail: string;
  /** The first run that has to wait, and how many there are; null: it is of no single run. */
  readonly runs: { readonly first: string; readonly count: number } | null;
}

/** A tick as it saw its own work. */
export interface TickSeen {
  readonly tickId: string;
  /** When it began, milliseconds since the epoch. */
  readonly at: number;
  readonly troubles: readonly Trouble[];
  /** Whether its time was up before it had looked at everything: then it cannot say that all is well. */
  readonly isCutShort: boolean;
}

/** One bad tick may be a moment's trouble. */
const CONFIRM_AFTER = 2;
/** So much of what was said is kept of a thing. */
const MOST_DETAIL = 300;
const MOST_RUN_ID = 120;

/**
 * What a tick says of Tidemark itself; null: nothing that would move anything. `newest`: the newest episode of the
 * signal `pipeline`. A tick that is repeated under its id says nothing more, so a scheduler that tries again confirms
 * nothing. A way out that is closed is told by the other ways (`tellFaults`) and is no part of it, nor are messages that
 * were rejected: they are their sender's, and an incident that anybody can open is soon ignored.
 */
export function pipelineSight(seen: TickSeen, newest: Episode | null): Sight | null {
  const { tickId, at, troubles, isCutShort } = seen;
  const uuid = `tick/${tickId}`;
  const isOpen = newest !== null && newest.state !== 'closed';
  const isBad = troubles.length > 0;
  if (newest?.lastRun.uuid === uuid || (!isOpen && !isBad)) return null;
  const facts = factsOf(troubles);
  const run: RunPoint = { uuid, runId: tickId, at, outcome: null, value: null, valueKind: null, facts };
  return {
    from: 'run',
    testName: TIDEMARK_ITSELF,
    signal: 'pipeline',
    polarity: 'bad',
    run,
    at,
    says: isBad ? saysBad(isOpen) : isCutShort ? 'neutral' : 'good',
    judge: null,
    ...plainDetails({
      reason: Object.keys(facts)[0] ?? '',
      severity: 'critical',
      demand: 'every tick reads the queue and judges every run that has ended',
      name: 'pipeline',
      confirmAfter: CONFIRM_AFTER,
    }),
    firstBad: null,
    lastGood: null,
    labels: {},
  };
}

/**
 * `fail` opens a suspect, also shortly after the last incident: the 48 hours in which one opens again are two nights of a
 * test, but hundreds of ticks, and a single one of those is nothing to be woken for.
 */
function saysBad(isOpen: boolean): Says {
  return isOpen ? 'bad' : 'fail';
}

/** A sentence by word, worst first: what was said, and how many runs wait. */
function factsOf(troubles: readonly Trouble[]): Readonly<Record<string, string>> {
  const sorted = TROUBLES.flatMap((word) => troubles.filter((trouble) => trouble.word === word));
  return Object.fromEntries(sorted.map((trouble) => [trouble.word, sentenceOf(trouble)]));
}

function sentenceOf({ detail, runs }: Trouble): string {
  const said = cut(maskSecrets(detail), MOST_DETAIL);
  if (runs === null) return said;
  const run = `run "${cut(runs.first, MOST_RUN_ID)}"`;
  return runs.count === 1 ? `${run} waits: ${said}` : `${runs.count} runs wait, the first is ${run}: ${said}`;
}

function cut(text: string, most: number): string {
  const points = [...text.toWellFormed()];
  return points.length <= most ? points.join('') : `${points.slice(0, most - 1).join('')}…`;
}
