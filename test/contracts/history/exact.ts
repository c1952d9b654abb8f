import { expect } from 'vitest';
import { runUuid } from '../../../shared/core/run-event.ts';
import { MAIL_STATUSES } from '../../../shared/ports/history.ts';
import { changesOf, episode, point } from '../../support/episode-rows.ts';
import {
  day,
  ended,
  entry,
  event,
  job,
  metric,
  placeOf,
  recordOf,
  rejection,
  threads,
} from '../../support/history-rows.ts';
import type { HistoryTest } from './case.ts';

const NAMES: readonly (readonly [string, string])[] = [
  ['an empty name', ''],
  ['quotes', `it's "quoted" \`so\` [and so]`],
  ['slashes', '../../etc/passwd\\..\\x'],
  ['wildcards', '%_*?'],
  ['an end of a statement', `'); DROP TABLE runs; --`],
  ['newlines', 'one\ntwo\r\nthree\u2028four\t'],
  ['a NUL in the middle', 'before\u0000after'],
  ['a NUL at the end', 'end\u0000'],
  ['an emoji', '😀👩‍👩‍👧'],
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
  ['blanks around', '  padded  '],
  ['unnormalized letters', 'é é'],
  ['digits', '0123'],
  ['a long name', 'x'.repeat(100_000)],
];

const NUMBERS: readonly number[] = [
  1e308,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  5e-324,
  2.2250738585072014e-308,
  0.1 + 0.2,
  1 / 3,
  0,
  1,
  -1,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 63,
  2 ** 64,
  -(2 ** 63),
  1e21,
  123456789.12345679,
];

export function exactnessContract(check: HistoryTest): void {
  for (const [what, name] of NAMES) {
    check(`${what} survives as the name of everything`, async (history) => {
      const identity = { testName: name, cluster: name, namespace: name, runId: name };
      const uuid = runUuid(identity);
      const run = ended(name, 1, { testName: name, uuid, thread: `run:${name}` });
      const labels = Object.fromEntries([[name, name]]);
      const incident = episode(name, {
        testName: name,
        reason: name,
        firstBad: point(name, 1),
        demand: name,
      });
      const told = changesOf({ ...incident, lastRun: point(name, 1), fingerprint: name });
      const message = event({
        eventKey: name,
        thread: run.thread,
        testName: name,
        source: name,
        id: name,
        body: name,
      });
      const rejected = rejection({ id: name, reason: name, detail: name, name });
      const row = job(run, { labels, testType: name, logsLink: name });
      const value = metric(name, 7, { verdict: 'fail', reason: name });
      await history.append({ events: [message], rejected: [rejected], at: day(9) });
      await history.settle(threads(run));
      await history.record({ ...recordOf(run, [value], { told }), job: row });
      await history.addMails([entry(name, { detail: name })], {});

      expect([...(await history.eventsOf([run.thread]))]).toStrictEqual([[run.thread, [message]]]);
      const [back] = await history.rejected();
      expect({ ...back, body: null }).toStrictEqual({ ...rejected, body: null });
      expect([...(await history.threadsOf([uuid]))]).toStrictEqual([[uuid, run.thread]]);
      expect(await history.testNames()).toStrictEqual([name]);
      expect(await history.metricNames(name)).toStrictEqual([name]);
      expect(await history.findRun(name, name)).toStrictEqual({ run, job: row, metrics: [value] });
      expect(Object.keys((await history.findRun(name, null))!.job!.labels)).toStrictEqual([name]);
      const later = { ...placeOf(run), finishedAt: day(2) };
      const asked = new Map([[name, { limit: 1 }]]);
      expect((await history.earlierValues(name, later, asked)).get(name)?.values).toStrictEqual([7]);
      expect((await history.lastGoodRun(name, later, null))?.job).toStrictEqual(row);
      expect((await history.runBack(name, later, { metric: name, nth: 1 }))?.metric).toStrictEqual(value);
      expect(await history.series(name, name, 9)).toMatchObject([{ runId: name, metricName: name }]);
      expect(await history.episodesOf(name)).toStrictEqual(told.episodes);
      expect(await history.episodeEvents(name)).toStrictEqual(told.events);
      expect(await history.notices(name)).toStrictEqual(told.notices);
      expect(await history.mails(MAIL_STATUSES)).toStrictEqual([entry(name, { detail: name })]);
      await history.forgetRejected([name]);
      expect(await history.rejected()).toStrictEqual([]);
    });
  }

  check('names that differ in case, blanks or form are different names', async (history) => {
    const names = ['a', 'A', 'a ', ' a', 'a\u0000', '\u00e9', 'e\u0301'];
    await history.settle(threads(...names.map((name) => ended(name, 1, { testName: name }))));
    expect(new Set(await history.testNames())).toStrictEqual(new Set(names));
    for (const name of names) expect((await history.findRun(name, null))?.run.runId).toBe(name);
  });

  check('numbers of every size are exact as values and as bounds', async (history) => {
    const run = ended('a', 1);
    const rows = NUMBERS.map((value) => metric(`m ${value}`, value, { lower: value, upper: value }));
    await history.settle(threads(run));
    await history.record(recordOf(run, rows));
    const later = placeOf(ended('b', 2));
    const found = (await history.findRun('t', 'a'))!.metrics;
    expect(new Map(found.map((row) => [row.metricName, row]))).toStrictEqual(
      new Map(rows.map((row) => [row.metricName, row])),
    );
    const names = rows.map(({ metricName }) => metricName);
    const asked = new Map(names.map((name) => [name, { limit: 1 }]));
    const values = await history.earlierValues('t', later, asked);
    expect(names.map((name) => values.get(name)?.values)).toStrictEqual(NUMBERS.map((value) => [value]));
    for (const [index, metricName] of names.entries()) {
      const value = NUMBERS[index]!;
      const [recent] = await history.recentPoints('t', later, { metric: metricName, limit: 1 });
      expect(recent?.value).toBe(value);
      expect((await history.lastGoodRun('t', later, metricName))?.metric?.value).toBe(value);
    }
  });

  check('minus zero may come back as zero, and does not cascade', async (history) => {
    const run = ended('a', 1);
    await history.settle(threads(run));
    await history.record(recordOf(run, [metric('m', -0)]));
    expect((await history.findRun('t', 'a'))!.metrics[0]!.value === 0).toBe(true);
    await history.record(recordOf(run, [metric('m', 0)]));
    expect(await history.toJudge(null, 9)).toStrictEqual([]);
  });

  check('times are exact to the millisecond, before 1970 too', async (history) => {
    const times = [-62135596800000, -1, 0, 1, day(1) + 123, 253402300799999];
    const runs = times.map((finishedAt, i) =>
      ended(`r${i}`, 1, { startedAt: finishedAt, ended: { outcome: 'success', finishedAt } }),
    );
    await history.settle(threads(...runs.toReversed()));
    const found = await history.toJudge(null, 99);
    expect(found.map(({ finishedAt }) => finishedAt)).toStrictEqual(times);
    for (const run of runs) await history.record(recordOf(run, [metric('m', 1)]));
    const points = await history.series('t', 'm', 99);
    expect(points.map(({ finishedAt }) => finishedAt)).toStrictEqual(times);
    expect((await history.findRun('t', 'r0'))?.run).toStrictEqual(runs[0]);
  });
}
