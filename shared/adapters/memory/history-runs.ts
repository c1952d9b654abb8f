import { kindOf } from '../../core/baseline/label.ts';
import { type JobRow, type MetricRow, orderOf } from '../../core/rows.ts';
import { compareRuns } from '../../core/run.ts';
import { isMessage } from '../../core/run-event.ts';
import { compareText } from '../../core/text-order.ts';
import type { IndexedRun, JudgeTask, RunIndex, RunRecorder, SettledThread } from '../../ports/history.ts';
import { putChanges } from './history-episodes.ts';
import {
  addLearnt,
  cascadeAfter,
  insertJudged,
  type KnownRun,
  placeOf,
  removeJudged,
  type Store,
} from './history-store.ts';

export function runIndex(store: Store): RunIndex {
  return {
    async unsettled(now, limit) {
      const due = runsOf(store)
        .filter(isOpen)
        .filter(({ checkAt }) => checkAt !== null && checkAt < now);
      const threads = new Set([...store.unsettled, ...due.map(({ thread }) => thread)]);
      return [...threads].sort(compareText).slice(0, limit);
    },

    async settle(threads) {
      for (const thread of threads) settleThread(store, thread);
    },

    async threadsOf(uuids) {
      const held = uuids.flatMap((uuid) => store.runs.get(uuid)?.run ?? []);
      return new Map(held.map(({ uuid, thread }) => [uuid, thread]));
    },

    async toJudge(after, limit) {
      return [...store.runs.values()]
        .flatMap(taskOf)
        .sort(compareRuns)
        .filter((task) => after === null || compareRuns(task, after) > 0)
        .slice(0, limit);
    },

    async openRuns() {
      return runsOf(store)
        .filter(isOpen)
        .sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0) || compareText(a.uuid, b.uuid));
    },

    async begunBetween(testName, { from, until }) {
      return runsOf(store)
        .filter((run) => run.testName === testName)
        .filter(({ startedAt }) => startedAt !== null && startedAt >= from && startedAt <= until)
        .sort((a, b) => a.startedAt! - b.startedAt! || compareText(a.uuid, b.uuid));
    },

    async rebuild() {
      const messages = [...store.events.values()].filter(isMessage);
      store.unsettled.clear();
      for (const { thread } of messages) store.unsettled.add(thread);
      for (const { uuid, thread } of runsOf(store)) {
        if (!store.unsettled.has(thread)) store.runs.delete(uuid);
      }
      for (const { uuid, runId, finishedAt, job } of [...store.judged.values()].flat()) {
        const run = store.runs.get(uuid)?.run;
        const samePlace = run?.runId === runId && run.ended?.finishedAt === finishedAt;
        const stands = samePlace && run.testName === job.testName;
        if (!stands) removeJudged(store, uuid);
      }
    },
  };
}

export function runRecorder(store: Store): RunRecorder {
  return {
    async record({ job, metrics, learnt, told }) {
      const before = removeJudged(store, job.uuid);
      addLearnt(store, learnt);
      insertJudged(store, { ...orderOf(job), job: inWholeSeconds(job), metrics: sorted(metrics) });
      putChanges(store, told);
      const known = store.runs.get(job.uuid);
      if (known !== undefined) store.runs.set(job.uuid, { ...known, toJudge: null });
      const changed = contribution(before) !== contribution({ job, metrics });
      if (changed) cascadeAfter(store, job.testName, orderOf(job));
    },

    // Only SQL reads ticks back.
    async recordTick() {},
  };
}

function runsOf(store: Store): IndexedRun[] {
  return Array.from(store.runs.values(), ({ run }) => run);
}

function isOpen({ ended }: IndexedRun): boolean {
  return ended === null;
}

function taskOf({ run, toJudge }: KnownRun): JudgeTask[] {
  const place = placeOf(run);
  return place === null || toJudge === null ? [] : [{ ...place, thread: run.thread, why: toJudge }];
}

function settleThread(store: Store, { thread, runs, learnt }: SettledThread): void {
  const uuids = new Set(runs.map(({ uuid }) => uuid));
  for (const { run } of [...store.runs.values()]) {
    if (run.thread !== thread && !uuids.has(run.uuid)) continue;
    const now = runs.find(({ uuid }) => uuid === run.uuid);
    if (now === undefined || hasMoved(run, now)) removeRows(store, run.uuid);
    if (now === undefined) store.runs.delete(run.uuid);
  }
  for (const run of runs) {
    store.runs.set(run.uuid, { run, toJudge: run.ended === null ? null : 'own' });
  }
  addLearnt(store, learnt);
  store.unsettled.delete(thread);
}

function hasMoved(before: IndexedRun, now: IndexedRun): boolean {
  return (
    before.ended?.finishedAt !== now.ended?.finishedAt ||
    before.runId !== now.runId ||
    before.testName !== now.testName
  );
}

/** Takes the rows of a run out of history; later runs may have looked back on it. */
function removeRows(store: Store, uuid: string): void {
  const gone = removeJudged(store, uuid);
  if (gone !== undefined) cascadeAfter(store, gone.job.testName, gone);
}

/** What later runs look back on in this run, as text that can be compared. */
function contribution(rows: { job: JobRow; metrics: readonly MetricRow[] } | undefined): string {
  if (rows?.job.outcome !== 'success') return '[]';
  const finite = rows.metrics.filter(({ value }) => value !== null);
  const values = sorted(finite).map(({ metricName, value }) => [metricName, value]);
  return values.length === 0 ? '[]' : JSON.stringify([kindOf(rows.job), values]);
}

function sorted(metrics: readonly MetricRow[]): MetricRow[] {
  return [...metrics].sort((a, b) => compareText(a.metricName, b.metricName));
}

/** The column `msg_publish_time` holds whole seconds in every store. */
function inWholeSeconds(job: JobRow): JobRow {
  return { ...job, publishTime: Math.floor(job.publishTime / 1000) * 1000 };
}
