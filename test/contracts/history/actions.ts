import { expect } from 'vitest';
import type { PersonAction } from '../../../shared/core/person-action.ts';
import type { History } from '../../../shared/ports/history.ts';
import { day, ended, judge, metric, tasks } from '../../support/history-rows.ts';
import type { HistoryTest } from './case.ts';

const NOBODY = { testName: null, signal: null, episodeId: null, run: null, matchers: [] };

/** An action on day `n`; its id is its note. */
function action(note: string, n: number, fields: Partial<PersonAction> = {}): PersonAction {
  return {
    actionId: note,
    at: day(n),
    actor: 'ada',
    via: 'cli',
    kind: 'comment',
    target: NOBODY,
    startsAt: null,
    endsAt: null,
    note,
    ...fields,
  };
}

const run = { runId: "it's 😀", uuid: 'uuid-a', finishedAt: day(1) };
const exclude = (note: string, n: number, testName = 't') =>
  action(note, n, { kind: 'exclude', target: { ...NOBODY, testName, run } });

const ids = (actions: readonly PersonAction[]) => actions.map(({ actionId }) => actionId);

/** Judges runs that ended on days 1 to 3. */
async function threeRuns(history: History): Promise<void> {
  for (const [index, runId] of ['a', 'b', 'c'].entries())
    await judge(history, ended(runId, index + 1), [metric('loss', 0.5)]);
}

export function actionContract(check: HistoryTest): void {
  check('an action comes back as it was added, whatever it is about', async (history) => {
    const given = [
      action('plain', 1, { via: null, note: null }),
      action('all', 2, {
        kind: 'silence',
        target: {
          testName: '__proto__',
          signal: 'metric:a"b\n',
          episodeId: 'e',
          run,
          matchers: ['test=x', 'é=%'],
        },
        startsAt: day(2),
        endsAt: day(9),
      }),
    ];
    for (const one of given) await history.addAction(one);
    expect(await history.actions()).toStrictEqual(given);
  });

  check('actions come in the order in which they were done, ties by id', async (history) => {
    for (const [note, n] of [
      ['c', 2],
      ['b', 1],
      ['a', 2],
    ] as const)
      await history.addAction(action(note, n));
    expect(ids(await history.actions())).toStrictEqual(['b', 'a', 'c']);
  });

  check('adding an action again changes nothing, also when it says something else', async (history) => {
    await history.addAction(action('a', 1));
    await history.addAction(action('a', 2, { kind: 'ack' }));
    expect(await history.actions()).toStrictEqual([action('a', 1)]);
  });

  check('actions are asked for by kind, by test and by both', async (history) => {
    await history.addAction(action('comment', 1));
    await history.addAction(exclude('mine', 2));
    await history.addAction(exclude('other', 3, "t' OR 1"));
    await history.addAction(action('accept', 4, { kind: 'accept', target: { ...NOBODY, testName: 't' } }));
    expect(ids(await history.actions({ kinds: ['exclude', 'comment'] }))).toStrictEqual([
      'comment',
      'mine',
      'other',
    ]);
    expect(ids(await history.actions({ testName: 't' }))).toStrictEqual(['mine', 'accept']);
    expect(ids(await history.actions({ testName: 't', kinds: ['accept'] }))).toStrictEqual(['accept']);
    expect(await history.actions({ kinds: [] })).toStrictEqual([]);
  });

  check('what changes baselines has the runs judged again that ended after it', async (history) => {
    await threeRuns(history);
    await history.addAction(exclude('x', 2));
    expect(await tasks(history)).toStrictEqual(['c: cascade']);
    await judge(history, ended('c', 3), [metric('loss', 0.5)]);
    await history.addAction(exclude('x', 2));
    expect(await tasks(history)).toStrictEqual([]);
  });

  check('what changes no baseline, or that of another test, has nothing judged again', async (history) => {
    await threeRuns(history);
    await history.addAction(action('n', 1, { target: { ...NOBODY, testName: 't', run } }));
    await history.addAction(exclude('other', 1, 'u'));
    await history.addAction(action('all', 1, { kind: 'accept' }));
    expect(await tasks(history)).toStrictEqual([]);
  });
}
