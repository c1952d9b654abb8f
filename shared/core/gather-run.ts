import { isJudgedElsewhere, isPastSource } from './past-run.ts';
import { chooseEnd, DEFAULT_DEADLINE_MS, type ReportedEnd, type Run, type RunJob } from './run.ts';
import { isJobThread, type RunEvent, runUuid } from './run-event.ts';
import type { Statement } from './statement.ts';
import { statementsOf } from './statements-of.ts';
import { compareText } from './text-order.ts';
import { formatTime } from './time.ts';

/** All runs of a thread: one, or several where the messages name only a Job that ran more than once. */
export function gatherRuns(events: readonly RunEvent[]): Run[] {
  const statements = statementsOf(events);
  const said = statements.filter(({ kind }) => kind !== 'observed');
  const observed = statements.filter(({ kind }) => kind === 'observed');
  const [first] = said;
  if (first === undefined) return [];
  // Another run has begun in its place.
  if (events.some(({ kind }) => kind === 'met') && said.every(isExpectation)) return [];
  if (!isJobThread(first.event.thread)) return [gatherRun(statements, first.runId)];
  const seenOf = (group: readonly Statement[]) => {
    const runId = jobRunId(group);
    return observed.filter((one) => one.runId === runId);
  };
  return splitJob(said, seenOf).map((group) => gatherRun([...group, ...seenOf(group)], jobRunId(group)));
}

/** A run of a Job that brings no uid is named by the Job and its first message. */
function jobRunId(group: readonly Statement[]): string {
  const begun = formatTime(smallest(group.map((statement) => statement.event.publishTime)));
  return `${group[0]!.runId}@${begun}`;
}

/** A message belongs to the open run of its Job; once that has ended, or is past its deadline, to a new one. */
function splitJob(
  statements: readonly Statement[],
  seenOf: (group: readonly Statement[]) => readonly Statement[],
): Statement[][] {
  const groups: Statement[][] = [];
  for (const statement of statements) {
    const open = groups.at(-1);
    if (open !== undefined && belongsTo(open, statement, { seen: seenOf(open) })) open.push(statement);
    else groups.push([statement]);
  }
  return groups;
}

function belongsTo(
  group: readonly Statement[],
  statement: Statement,
  { seen }: { readonly seen: readonly Statement[] },
): boolean {
  // Its own run would have the same name, so it is the same run.
  if (statement.event.publishTime === group[0]!.event.publishTime) return true;
  const ends = [...group, ...seen].flatMap((member) => member.end?.finishedAt ?? []);
  if (statement.end !== null && ends.includes(statement.end.finishedAt)) return true;
  if (ends.some((end) => end <= statement.event.time)) return false;
  return statement.event.time <= deadlineOf(group, group[0]!.event.time);
}

function deadlineOf(group: readonly Statement[], begun: number): number {
  const declared = group.flatMap((statement) => statement.deadline ?? []);
  return declared.at(-1) ?? begun + DEFAULT_DEADLINE_MS;
}

function isExpectation({ kind }: Statement): boolean {
  return kind === 'expected';
}

/** Until a run says something itself it is to start by the latest time that anybody gives it. */
function expectedOf(statements: readonly Statement[]): Run['expected'] {
  if (!statements.every(isExpectation)) return null;
  const last = statements.reduce((a, b) => (b.expected!.startBy > a.expected!.startBy ? b : a));
  return { ...last.expected!, since: smallest(statements.map(({ event }) => event.time)) };
}

function gatherRun(statements: readonly Statement[], runId: string): Run {
  const first = statements[0]!;
  const expected = expectedOf(statements);
  const { testName, thread } = first.event;
  const { cluster, namespace } = first;
  const uuids = statements.flatMap((statement) => statement.uuid ?? []).sort(compareText);
  const newest = largest(statements.map((each) => each.attempt));
  const attempt = Math.max(newest, v1Attempts(statements));
  const current = statements.filter((statement) => isOfJob(statement) || statement.attempt === newest);
  const ends = current.flatMap((statement) => (statement.final ? (statement.end ?? []) : []));
  const end = chooseEnd(ends);
  const isOfEnd = (each: Statement) => each.end?.outcome === end?.outcome;
  const startedAt = startOf(statements, end);
  const begun = startedAt ?? first.event.time;
  const declared = current.some((statement) => !isOfJob(statement) && statement.deadline !== null);
  const ownUuid = runUuid({ testName, cluster, namespace, runId });
  return {
    uuid: uuids[0] ?? ownUuid,
    ownUuid,
    thread,
    isPast: statements.every(({ event }) => isPastSource(event.source)),
    isJudgedElsewhere: statements.every(({ event }) => isJudgedElsewhere(event.source)),
    testName,
    runId,
    cluster: cluster === '' ? null : cluster,
    attempt,
    numFailures: latest(statements, (each) => each.numFailures) ?? failures(attempt, end),
    startedAt,
    publishTime: publishTimeOf(statements),
    deadline: expected?.startBy ?? deadlineOf(current, begun),
    deadlineOutcome: expected !== null ? 'missed' : declared ? 'timeout' : 'lost',
    expected,
    lastHeartbeat: newestHeartbeat(current),
    job: jobOf(statements),
    jobGoneAt: latest(statements, (each) => each.goneAt),
    jobRefusal: latest(statements, (each) => each.refusal),
    end,
    message: latest(current.filter(isOfEnd), (each) => each.message),
    modelDir: latest(current, (each) => each.modelDir) ?? latest(statements, (each) => each.modelDir),
    testType: latest(statements, (each) => each.testType),
    accelerator: latest(statements, (each) => each.accelerator),
    frameworkVersion: latest(statements, (each) => each.frameworkVersion),
    labels: Object.fromEntries(statements.flatMap((each) => Object.entries(each.labels))),
    logsLink: latest(statements, (each) => each.logsLink),
    logsDownloadCommand: latest(statements, (each) => each.logsDownloadCommand),
    workloadLink: latest(statements, (each) => each.workloadLink),
    reportedMetrics: new Map(current.flatMap((each) => each.metrics)),
    messageConfig: latest(statements, (each) => each.config ?? null) ?? undefined,
    configErrors: [...new Set(statements.flatMap((each) => each.configErrors))],
  };
}

/** What was seen in a cluster is by its clock, which may be behind: it counts where nothing was published. */
function publishTimeOf(statements: readonly Statement[]): number {
  const published = statements.filter(({ isSeen }) => !isSeen);
  return smallest((published.length > 0 ? published : statements).map(({ event }) => event.publishTime));
}

/** The earliest start anybody tells; but of an end that a cluster saw, its own: the two are by one clock. */
function startOf(statements: readonly Statement[], end: ReportedEnd | null): number | null {
  const seen = statements.find((each) => each.isSeen && each.end !== null && each.end === end);
  if (seen !== undefined && seen.startedAt !== null) return seen.startedAt;
  const starts = statements.flatMap((statement) => statement.startedAt ?? []);
  return starts.length === 0 ? null : smallest(starts);
}

function jobOf(statements: readonly Statement[]): RunJob | null {
  const { cluster, namespace, job } = statements.find((statement) => statement.job !== null) ?? {};
  return job ? { ...job, cluster: cluster!, namespace: namespace! } : null;
}

/** Every attempt of a v1 Job publishes once; the message that tells its end is no attempt. */
function v1Attempts(statements: readonly Statement[]): number {
  return statements.filter(({ event, end }) => event.kind === 'v1' && end === null).length;
}

/** Whether it speaks of a whole Job, all attempts of it. */
function isOfJob({ event, isSeen }: Statement): boolean {
  return event.kind === 'v1' || isSeen;
}

/** Not `Math.min(...)`: a run that reports its metrics step by step has more messages than a call takes arguments. */
function smallest(numbers: readonly number[]): number {
  return numbers.reduce((least, number) => Math.min(least, number));
}

function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number));
}

function failures(attempt: number, end: ReportedEnd | null): number {
  return end?.outcome === 'success' ? attempt - 1 : attempt;
}

/** Whose end was told is silent from then on, also where it was not the run's: another has still to begin. */
function newestHeartbeat(statements: readonly Statement[]): number | null {
  const ends = statements.flatMap(({ end, final }) => (final ? [] : (end?.finishedAt ?? [])));
  const begun = ends.length === 0 ? Number.NEGATIVE_INFINITY : largest(ends);
  const beats = statements.filter(({ kind }) => kind === 'heartbeat').map(({ event }) => event.time);
  const since = beats.filter((time) => time > begun);
  return since.length === 0 ? null : largest(since);
}

function latest<T>(statements: readonly Statement[], pick: (statement: Statement) => T | null): T | null {
  for (let i = statements.length - 1; i >= 0; i--) {
    const value = pick(statements[i]!);
    if (value !== null) return value;
  }
  return null;
}
