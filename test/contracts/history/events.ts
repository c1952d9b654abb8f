import { expect, test } from 'vitest';
import { prefersNew, type RunEvent } from '../../../shared/core/run-event.ts';
import { keepOne } from '../../../shared/core/same-key.ts';
import type { History } from '../../../shared/ports/history.ts';
import { day, ended, event, heartbeat, rejection, threads } from '../../support/history-rows.ts';
import type { HistoryTest } from './case.ts';

const decode = (body: Uint8Array | null) => body && new TextDecoder().decode(body);

async function append(history: History, ...events: readonly RunEvent[]): Promise<void> {
  await history.append({ events, rejected: [], at: day(9) });
}

async function eventsOf(history: History, thread: string): Promise<readonly RunEvent[]> {
  return (await history.eventsOf([thread])).get(thread) ?? [];
}

/** All that messages left behind, bodies as text. */
async function state(history: History) {
  const found = await history.eventsOf(['run:a', 'run:b']);
  const rejected = await history.rejected();
  return {
    events: [...found.values()].flat().sort((a, b) => (a.eventKey < b.eventKey ? -1 : 1)),
    rejected: rejected.map((message) => ({ ...message, body: decode(message.body) })),
    unsettled: await history.unsettled(day(0), 100),
  };
}

const one = event({ id: 'a/1/finished', body: '{"outcome":"success"}', time: day(1), publishTime: day(1) });
const other = event({ ...one, body: '{"outcome":"failure"}', time: day(2), publishTime: day(2) });

interface Sequence {
  readonly sentence: string;
  readonly given: readonly RunEvent[];
  readonly kept: readonly RunEvent[];
  readonly conflicts?: readonly string[];
}

const tied = { ...other, time: one.time };
const tieWinner = prefersNew(one, tied) ? tied : one;

/** Every row must hold for every order of its events, and with each of them delivered twice. */
const SEQUENCES: readonly Sequence[] = [
  { sentence: 'one message is one event', given: [one], kept: [one] },
  {
    sentence: 'of two deliveries with the same time the smaller publish time stays',
    given: [one, { ...one, publishTime: day(0) }],
    kept: [{ ...one, publishTime: day(0) }],
  },
  {
    sentence: 'of two deliveries with different times the earlier one and the smaller publish time stay',
    given: [
      { ...one, time: day(3), publishTime: day(0) },
      { ...one, time: day(1), publishTime: day(5) },
    ],
    kept: [{ ...one, time: day(1), publishTime: day(0) }],
  },
  {
    sentence: 'of heartbeats only the newest stays, and none is a conflict',
    given: [1, 2, 3].map((n) =>
      heartbeat({ id: `h/${n}`, time: day(n), publishTime: day(n), body: `[${n}]` }),
    ),
    kept: [heartbeat({ id: 'h/3', time: day(3), publishTime: day(3), body: '[3]' })],
  },
  {
    sentence: 'of heartbeats that differ in their time only the newest keeps its own publish time',
    given: [1, 2].map((n) => heartbeat({ time: day(n), publishTime: day(n) })),
    kept: [heartbeat({ time: day(2), publishTime: day(2) })],
  },
  {
    sentence: 'of two messages with one id the earlier counts and the other is kept as rejected',
    given: [one, other],
    kept: [one],
    conflicts: [other.body],
  },
  {
    sentence: 'a conflict at one moment is decided by the body, not by the order',
    given: [one, tied],
    kept: [tieWinner],
    conflicts: [tieWinner === one ? tied.body : one.body],
  },
  {
    sentence: 'of three different messages with one id two are rejected',
    given: [one, other, { ...one, body: '[3]', time: day(3), publishTime: day(3) }],
    kept: [one],
    conflicts: [other.body, '[3]'],
  },
  {
    sentence: 'a message that lost and comes again with an earlier time counts and is no longer rejected',
    given: [
      { ...one, time: day(3), publishTime: day(1) },
      other,
      { ...one, time: day(1), publishTime: day(6) },
    ],
    kept: [{ ...one, time: day(1), publishTime: day(1) }],
    conflicts: [other.body],
  },
  {
    sentence: 'a start and an end that share id, moment and body are a conflict too',
    given: [one, { ...one, kind: 'started' }],
    kept: [keepOne(one, { ...one, kind: 'started' }).kept],
    conflicts: [one.body],
  },
  {
    sentence: 'messages with different ids do not meet',
    given: [one, { ...other, eventKey: 'k2', id: 'a/2/finished' }],
    kept: [one, { ...other, eventKey: 'k2', id: 'a/2/finished' }],
  },
];

export function eventStoreContract(check: HistoryTest): void {
  for (const { sentence, given, kept, conflicts = [] } of SEQUENCES) {
    for (const order of permutations(given)) {
      const label = order.map((one) => given.indexOf(one) + 1).join(', ');
      check(`${sentence} (order ${label}, each twice)`, async (history) => {
        for (const message of order) await append(history, message, message);
        await append(history, ...order);
        const { events, rejected } = await state(history);
        expect(events).toStrictEqual([...kept].sort((a, b) => (a.eventKey < b.eventKey ? -1 : 1)));
        expect(rejected.map(({ body }) => body).sort()).toStrictEqual([...conflicts].sort());
        for (const { reason } of rejected) expect(reason).toBe('conflict');
      });
    }
  }

  test('the orders of three messages are six', () => {
    expect(permutations([1, 2, 3])).toHaveLength(6);
  });

  check('a batch and its messages one by one leave the same', async (history) => {
    await append(history, one, other, heartbeat());
    const together = await state(history);
    await append(history, heartbeat());
    await append(history, other);
    await append(history, one);
    expect(await state(history)).toStrictEqual(together);
  });

  check('a second delivery that changes nothing leaves its thread settled', async (history) => {
    await append(history, one);
    await history.settle(threads(ended('a', 1)));
    await append(history, one, { ...one, publishTime: day(7) });
    expect(await history.unsettled(day(0), 9)).toStrictEqual([]);
  });

  check('a smaller publish time makes its thread unsettled', async (history) => {
    await append(history, one);
    await history.settle(threads(ended('a', 1)));
    await append(history, { ...one, publishTime: day(0) });
    expect(await history.unsettled(day(0), 9)).toStrictEqual(['run:a']);
  });

  check(
    'when a message of one thread takes the place of another thread’s, both are unsettled',
    async (history) => {
      await append(history, { ...other, thread: 'run:b' });
      await history.settle([{ thread: 'run:b', runs: [], learnt: [] }]);
      await append(history, one);
      expect(await history.unsettled(day(0), 9)).toStrictEqual(['run:a', 'run:b']);
      expect(await eventsOf(history, 'run:b')).toStrictEqual([]);
    },
  );

  check('events come by thread, and threads without any are left out', async (history) => {
    const second = event({ thread: 'run:b', id: 'b/1/finished' });
    await append(history, one, second);
    const found = await history.eventsOf(['run:b', 'run:none', 'run:a', 'run:a']);
    expect([...found].sort()).toStrictEqual([
      ['run:a', [one]],
      ['run:b', [second]],
    ]);
    expect((await history.eventsOf([])).size).toBe(0);
  });

  check('more threads than fit into one statement are all found', async (history) => {
    const many = Array.from({ length: 1203 }, (_, i) => event({ thread: `run:${i}`, id: `${i}/1/finished` }));
    await append(history, ...many);
    const found = await history.eventsOf(many.map(({ thread }) => thread));
    expect(found.size).toBe(1203);
    expect(found.get('run:1202')).toStrictEqual([many[1202]]);
  });

  check(
    'what a tick learnt is an event of its thread, and learning it again replaces it',
    async (history) => {
      await append(history, one);
      const fact = event({
        eventKey: 'learnt',
        kind: 'outcome',
        id: 'outcome/1',
        body: '{"outcome":"lost"}',
      });
      const again = {
        ...fact,
        id: 'outcome/2',
        time: day(4),
        publishTime: day(4),
        body: '{"outcome":"timeout"}',
      };
      await history.settle([{ thread: 'run:a', runs: [ended('a', 1)], learnt: [fact] }]);
      expect(await eventsOf(history, 'run:a')).toStrictEqual([one, fact]);
      await history.settle([{ thread: 'run:a', runs: [ended('a', 1)], learnt: [again] }]);
      expect(await eventsOf(history, 'run:a')).toStrictEqual([one, again]);
      expect(await history.unsettled(day(0), 9)).toStrictEqual([]);
    },
  );

  check('rejected messages keep their bytes, come oldest first and can be forgotten', async (history) => {
    const bytes = new Uint8Array([0, 255, 10, 128]);
    const messages = [
      rejection({ id: 'late', publishTime: day(2), body: bytes }),
      rejection({ id: 'large', publishTime: day(1), body: null, reason: 'oversized' }),
      rejection({ id: 'empty', publishTime: day(3), body: new Uint8Array(0) }),
    ];
    await history.append({ events: [], rejected: messages, at: day(9) });
    const found = await history.rejected();
    expect(found.map(({ id, body }) => [id, body && [...body]])).toStrictEqual([
      ['large', null],
      ['late', [0, 255, 10, 128]],
      ['empty', []],
    ]);
    await history.forgetRejected(['late', 'unknown', 'large']);
    expect((await history.rejected()).map(({ id }) => id)).toStrictEqual(['empty']);
  });

  check('a rejected message that comes again is one, with the smaller publish time', async (history) => {
    for (const n of [3, 2, 4]) {
      await history.append({ events: [], rejected: [rejection({ publishTime: day(n) })], at: day(9) });
    }
    const found = await history.rejected();
    expect(found.map(({ publishTime }) => publishTime)).toStrictEqual([day(2)]);
  });
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}
