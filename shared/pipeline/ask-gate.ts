import type { Decision } from '../core/decision-record.ts';
import { type Decided, decideGate } from '../core/gate/decide.ts';
import { findMetric } from '../core/gate/metric-name.ts';
import type { GatePolicy, GateQuestion, GateRun, GateSubject, WaitingRun } from '../core/gate/question.ts';
import { type VerdictBody, verdictRecord } from '../core/gate/record.ts';
import { gatherRuns } from '../core/gather-run.ts';
import type { TestConfig } from '../core/schema/test-config.ts';
import { VERSION_FACT, versionOf, withoutBlanks } from '../core/version.ts';
import type { EventStore, GateViews, HistoryViews, IndexedRun } from '../ports/history.ts';

/** As much of a history as a gate reads. */
export type GateHistory = GateViews &
  Pick<HistoryViews, 'testNames' | 'metricNames'> &
  Pick<EventStore, 'eventsOf'>;

/** What somebody wants to know. */
export interface GateAsked {
  readonly subject: GateSubject;
  readonly policy: GatePolicy;
  /** The config file's tests: what they say counts where a run says nothing. */
  readonly tests: ReadonlyMap<string, TestConfig>;
  /** The clock, milliseconds since the epoch. */
  readonly now: number;
}

/** The record of an answer; `problem`: why the policy cannot be asked; `unknown`: there is no such test. */
export type GateReply =
  | { readonly kind: 'answer'; readonly record: Decision & { readonly data: VerdictBody } }
  | { readonly kind: 'problem'; readonly problem: string }
  | { readonly kind: 'unknown' };

/** Beyond these no run is newer than one that counts. */
const MOST_WAITING = 200;
/** The order of starts, which counts here, is not quite that of ends. */
const OUT_OF_ORDER = 20;
/** Some of them failed, were made on other data or are of the candidate. */
const MOST_BASELINE = 100;

/** Asks history and decides. Only reads; throws PortError as history does. */
export async function askGate(history: GateHistory, asked: GateAsked): Promise<GateReply> {
  const question = await questionOf(history, asked);
  const { subject, judged, waiting } = question;
  if (judged.length === 0 && waiting.length === 0 && !(await isKnown(history, asked)))
    return { kind: 'unknown' };
  const decided: Decided = decideGate(question);
  if (!decided.ok) return { kind: 'problem', problem: decided.problem };
  return {
    kind: 'answer',
    record: verdictRecord({ ...question, subject }, decided.answer, { at: asked.now }),
  };
}

async function questionOf(history: GateHistory, asked: GateAsked): Promise<GateQuestion> {
  const { subject, policy } = asked;
  const { testName, version, baseline } = subject;
  // In this order no run that is judged meanwhile is missed.
  const unjudged = await history.unjudgedRuns(testName, MOST_WAITING);
  const waiting = await ofVersion(history, { ...asked, unjudged });
  const metricNames = policy.text === null ? [] : await history.metricNames(testName);
  const metrics = policy.text === null ? null : metricsOf(policy, metricNames);
  const candidate = { fact: VERSION_FACT, value: version, limit: policy.runs + OUT_OF_ORDER, metrics };
  const judged = await history.runsWith(testName, candidate);
  const others: readonly GateRun[] =
    baseline === null
      ? []
      : await history.runsWith(testName, { ...baseline, limit: MOST_BASELINE, metrics: metrics ?? [] });
  return { subject, policy, judged, waiting, baseline: others, metricNames };
}

function metricsOf({ clauses }: GatePolicy, names: readonly string[]): string[] {
  const found = clauses.flatMap(({ metric }) => {
    const named = findMetric(metric, names);
    return named.kind === 'found' ? named.metric : [];
  });
  return [...new Set(found)];
}

/** Those of the runs that nobody has judged yet that are of this version, by what they say of themselves. */
async function ofVersion(
  history: GateHistory,
  { unjudged, subject, tests }: GateAsked & { readonly unjudged: readonly IndexedRun[] },
): Promise<WaitingRun[]> {
  if (unjudged.length === 0) return [];
  const events = await history.eventsOf([...new Set(unjudged.map(({ thread }) => thread))]);
  const usual = tests.get(subject.testName)?.framework_version ?? null;
  return unjudged.flatMap(({ uuid, runId, thread, startedAt, ended }) => {
    const run = gatherRuns(events.get(thread) ?? []).find((one) => one.runId === runId);
    if (run === undefined) return [];
    const version = versionOf({ ...run, frameworkVersion: run.frameworkVersion ?? usual });
    if (version !== withoutBlanks(subject.version)) return [];
    return [{ uuid, runId, begunAt: startedAt ?? ended?.finishedAt ?? 0 }];
  });
}

async function isKnown(history: GateHistory, { subject, tests }: GateAsked): Promise<boolean> {
  return tests.has(subject.testName) || (await history.testNames()).includes(subject.testName);
}

/** A kept verdict, judged once more; `gone`: history no longer has all of its runs. */
export type JudgedAgain =
  | { readonly kind: 'again'; readonly body: VerdictBody }
  | { readonly kind: 'problem'; readonly problem: string }
  | { readonly kind: 'gone' };

/** Judges a kept verdict once more, from the runs that it was made from. */
export async function decideAgain(
  history: GateHistory,
  { question, kept }: { readonly question: Omit<GateAsked, 'now' | 'tests'>; readonly kept: VerdictBody },
): Promise<JudgedAgain> {
  const names = question.policy.text === null ? [] : await history.metricNames(question.subject.testName);
  const metrics = question.policy.text === null ? null : metricsOf(question.policy, names);
  const { testName, version, baseline } = question.subject;
  const among = (runs: readonly GateRun[], uuids: readonly string[]) =>
    runs.filter(({ job }) => uuids.includes(job.uuid));
  const uuids = kept.runs.map(({ uuid }) => uuid);
  const judged = among(
    await history.runsWith(testName, { fact: VERSION_FACT, value: version, limit: MOST_AGAIN, metrics }),
    uuids,
  );
  const others = [...(kept.baseline?.runs ?? []), ...(kept.baseline?.passed_over ?? [])];
  const beside =
    baseline === null
      ? []
      : among(
          await history.runsWith(testName, { ...baseline, limit: MOST_AGAIN, metrics: metrics ?? [] }),
          others,
        );
  if (judged.length < uuids.length || beside.length < others.length) return { kind: 'gone' };
  const asked = { ...question, judged, waiting: [], baseline: beside, metricNames: names };
  const decided = decideGate(asked);
  if (!decided.ok) return { kind: 'problem', problem: decided.problem };
  return { kind: 'again', body: verdictRecord(asked, decided.answer, { at: 0 }).data };
}

/** Runs of a version that a verdict of long ago is looked for among. */
const MOST_AGAIN = 10_000;
