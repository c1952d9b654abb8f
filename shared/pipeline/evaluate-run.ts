import { type Assessment, demandsOn, metricRow } from '../core/assess.ts';
import type { Labelled } from '../core/baseline/label.ts';
import type { EarlierNeed } from '../core/baseline/question.ts';
import { type Collected, collectedProblem } from '../core/collected.ts';
import { timeToAccuracy, totalWallTime } from '../core/computed.ts';
import type { EffectiveConfig } from '../core/effective-config.ts';
import { gatherRuns } from '../core/gather-run.ts';
import { type Metric, metricOf } from '../core/metric.ts';
import type { Outcome } from '../core/outcome.ts';
import { type Problem, problemText } from '../core/problem.ts';
import type { JobRow, MetricRow } from '../core/rows.ts';
import type { Run } from '../core/run.ts';
import type { RunEvent } from '../core/run-event.ts';
import type { TestConfig } from '../core/schema/test-config.ts';
import { selectMetrics } from '../core/select.ts';
import { decideStatus } from '../core/status.ts';
import type { WaitingNotice } from '../ports/episodes.ts';
import type { JudgeTask } from '../ports/history.ts';
import { type Collection, collect } from './collect.ts';
import { type ConfigInEffect, configInEffect, rememberConfig } from './config-in-effect.ts';
import type { PassOptions, Ports, Settings } from './context.ts';
import { NOTHING_RECORDED, type Recorded } from './episode-record.ts';
import { judgeRun } from './judge-run.ts';
import { correctRun, sightedId, sightRun } from './sight-run.ts';

/** What became of one run in a pass. */
export interface RunReport {
  readonly job: JobRow;
  readonly metrics: readonly MetricRow[];
  /** What is to be told of it. */
  readonly notices: readonly WaitingNotice[];
  readonly why: JudgeTask['why'];
  /** Things a person should know: pooled tags, damaged files, mistakes in the config. */
  readonly notes: readonly string[];
}

/** What all runs of a pass share. */
export interface Pass {
  readonly settings: Settings;
  readonly options: PassOptions;
  /** Config texts by digest, looked up once. */
  readonly configs: Map<string, TestConfig | null>;
  /** Facts that are being gathered before their run's turn, by uuid. */
  readonly ahead: Map<string, Promise<RunFacts | null>>;
}

/** Takes one finished run from its events to its verdict; every effect goes through `ports`. */
export async function evaluateRun(task: JudgeTask, ports: Ports, pass: Pass): Promise<RunReport | null> {
  const gathered = await takeFacts(task, ports, pass);
  if (gathered === null) return null;
  const { collected } = gathered.collection;
  const selection = selectMetrics(collected, gathered.inEffect.config);
  const facts = blaming(gathered, selection.clashes);
  const { run, ended, inEffect, collection } = facts;
  const { config } = inEffect;
  const metrics = allMetrics(selection.metrics, { run, ended, collected, config });
  const demands = demandsOn(metrics, config, collectedProblem(collected));
  const known = { ...run, ...ended, uuid: task.uuid, ...kindOf(run, inEffect.fileConfig) };
  const { assessment, needs } = await judgeRun(demands, { run: known, config }, ports.history);
  const job = jobRow({ run, ended, uuid: task.uuid, assessment, fileConfig: inEffect.fileConfig });
  const sighted = await sightedBy({ task, facts, job, assessment, needs }, ports, pass);
  const rows = assessment.metrics.map(metricRow);
  await ports.history.record({
    job,
    metrics: rows,
    learnt: [
      ...inEffect.learnt,
      ...(collection.learnt === null ? [] : [collection.learnt]),
      ...sighted.learnt,
    ],
    told: sighted,
    ingestedAt: ports.clock.now(),
  });
  // Only now: a run that is put off must not make another one believe that its config is recorded.
  rememberConfig(inEffect, pass.configs);
  const notes = notesOf(facts, selection.notes);
  return { job, metrics: rows, notices: sighted.notices, why: task.why, notes };
}

interface Ended {
  readonly outcome: Outcome;
  readonly finishedAt: number;
}

/** All that is known of a run before it is judged. */
export interface RunFacts {
  readonly run: Run;
  readonly ended: Ended;
  readonly inEffect: ConfigInEffect;
  readonly collection: Collection;
  /** What it says was recorded before, and counts once. */
  readonly isSighted: boolean;
}

/** What was read ahead, else read now. */
function takeFacts(task: JudgeTask, ports: Ports, pass: Pass): Promise<RunFacts | null> {
  const ahead = pass.ahead.get(task.uuid);
  pass.ahead.delete(task.uuid);
  return ahead ?? gatherFacts(task, ports, pass);
}

/** From the events of a run to its config and what its files hold; nothing of it depends on other runs. */
export async function gatherFacts(task: JudgeTask, ports: Ports, pass: Pass): Promise<RunFacts | null> {
  const { run, ended, events } = await loadRun(task, ports);
  const inEffect = await configInEffect(run, events, {
    tests: pass.settings.tests,
    history: ports.history,
    known: pass.configs,
  });
  // A replay only rebuilds: a run that no tick has judged yet, or not since its end changed, is left to the next.
  const { alerts: mode, reread } = pass.options;
  if (mode === 'none' && inEffect.learnt.length > 0) return null;
  const collection = await collect({ ...run, ...ended, events }, inEffect.config, {
    eventFiles: ports.eventFiles,
    remote: ports.remote,
    reread,
  });
  if (mode === 'none' && !reread && collection.learnt !== null) return null;
  const id = sightedId(run.runId);
  const isSighted = events.some((event) => event.kind === 'sighted' && event.id === id);
  return { run, ended, inEffect, collection, isSighted };
}

/** A config under which two sources give one name is as good as none. */
function blaming(facts: RunFacts, clashes: readonly Problem[]): RunFacts {
  if (clashes.length === 0) return facts;
  const { config } = facts.inEffect;
  const problems = [...config.problems, ...clashes];
  return { ...facts, inEffect: { ...facts.inEffect, config: { ...config, problems } } };
}

/** The run of a task, from its events. The index says that it has ended; so whatever was inferred holds. */
async function loadRun(task: JudgeTask, { history }: Ports) {
  const events = (await history.eventsOf([task.thread])).get(task.thread) ?? [];
  const run = gatherRuns(events).find(({ runId }) => runId === task.runId);
  if (run === undefined) throw new Error(`The index names run "${task.runId}", its events do not`);
  const status = decideStatus(run, Number.POSITIVE_INFINITY, new Set());
  if (status.kind === 'open') throw new Error(`Run "${task.runId}" is open although it is to be judged`);
  return { run, ended: status as Ended, events: events as readonly RunEvent[] };
}

/**
 * What sources gave, then computed metrics that none gave, then what the run reported itself, which wins a name.
 */
function allMetrics(
  selected: readonly Metric[],
  facts: { run: Run; ended: Ended; collected: Collected; config: EffectiveConfig },
): Metric[] {
  const { run, ended, collected, config } = facts;
  const times = { startedAt: run.startedAt, finishedAt: ended.finishedAt };
  const given = new Set(selected.map(({ name }) => name));
  const computed = [totalWallTime(times), timeToAccuracy(config, collected, times)].flatMap((metric) =>
    metric === null || given.has(metric.name) ? [] : [metric],
  );
  const reported = [...run.reportedMetrics].map(([name, value]) => metricOf(name, value));
  const all = [...selected, ...computed, ...reported];
  return [...new Map(all.map((metric) => [metric.name, metric])).values()];
}

function jobRow(facts: {
  run: Run;
  ended: Ended;
  uuid: string;
  assessment: Assessment;
  fileConfig: TestConfig | null;
}): JobRow {
  const { run, ended, uuid, assessment, fileConfig } = facts;
  const lasted = run.startedAt === null ? null : (ended.finishedAt - run.startedAt) / 1000;
  return {
    uuid,
    runId: run.runId,
    attempt: run.attempt,
    testName: run.testName,
    ...kindOf(run, fileConfig),
    outcome: ended.outcome,
    numFailures: run.numFailures,
    jobDurationSec: lasted === null || lasted < 0 ? null : lasted,
    startedAt: run.startedAt,
    finishedAt: ended.finishedAt,
    logsLink: run.logsLink,
    logsDownloadCommand: run.logsDownloadCommand,
    workloadLink: run.workloadLink,
    publishTime: run.publishTime,
    verdict: assessment.verdict,
  };
}

/** What the run says of itself, else what the config file says of its test. */
function kindOf({ testType, accelerator, frameworkVersion, labels }: Run, file: TestConfig | null): Labelled {
  return {
    testType: testType ?? file?.test_type ?? null,
    accelerator: accelerator ?? file?.accelerator ?? null,
    frameworkVersion: frameworkVersion ?? file?.framework_version ?? null,
    labels,
  };
}

interface Sighting {
  readonly task: JudgeTask;
  readonly facts: RunFacts;
  readonly job: JobRow;
  readonly assessment: Assessment;
  readonly needs: ReadonlyMap<string, EarlierNeed>;
}

/** A run that is judged again for the sake of others, or by a replay, says nothing new. */
async function sightedBy(
  { task, facts, job, assessment, needs }: Sighting,
  { history }: Ports,
  { options, settings }: Pass,
): Promise<Recorded> {
  const { run, inEffect, isSighted } = facts;
  if (options.alerts === 'none' || task.why === 'cascade') return NOTHING_RECORDED;
  const isSuppressed = run.isPast && options.alerts !== 'all';
  const sighting = { run, job, assessment, needs, config: inEffect.config, isSuppressed };
  return isSighted ? correctRun(sighting, history, settings) : sightRun(sighting, history, settings);
}

function notesOf(facts: RunFacts, pooled: readonly string[]): string[] {
  const { run, inEffect, collection } = facts;
  const { config } = inEffect;
  const { collected } = collection;
  return [
    ...config.problems.map((problem) => `config: ${problemText(problem)}`),
    // A run that named no folder wanted none read.
    ...(collected.problem === null || collected.modelDir === '' ? [] : [collected.problem]),
    ...collected.damage.map(
      ({ path, kind, offset, recordsSkipped }) =>
        `"${path}" is damaged (${kind}) at offset ${offset}; ${recordsSkipped} records skipped`,
    ),
    ...collected.notes,
    ...(collected.sources ?? []).flatMap(({ source, problem, notes }) =>
      [...notes, ...(problem === null ? [] : [problem])].map((note) => `${source}: ${note}`),
    ),
    ...pooled,
    ...(run.jobRefusal === null ? [] : [`its cluster was not asked how it ended: ${run.jobRefusal}`]),
  ];
}
