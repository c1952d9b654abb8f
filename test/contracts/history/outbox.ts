import { expect } from 'vitest';
import { type History, MAIL_STATUSES, type OutboxEntry } from '../../../shared/ports/history.ts';
import { episode, told } from '../../support/episode-rows.ts';
import { day, ended, entry, metric, recordOf, threads } from '../../support/history-rows.ts';
import type { HistoryTest } from './case.ts';

/** Records notices of the test `t`; each is a name. */
async function noticed(history: History, ...ids: readonly string[]): Promise<void> {
  const run = ended('a', 1);
  const notices = ids.map((id) => told(episode('e'), { id }));
  await history.settle(threads(run));
  const changes = { episodes: [], events: [], notices };
  await history.record(recordOf(run, [metric('loss_final', 0.9)], { told: changes }));
}

const waiting = async (history: History) => (await history.waitingNotices()).map(({ notice }) => notice.id);
const keys = async (history: History) => (await history.mails(MAIL_STATUSES)).map(({ mail }) => mail.key);

export function outboxContract(check: HistoryTest): void {
  check('a mail takes its notices off the waiting list, and so does settling them', async (history) => {
    await noticed(history, 'a', 'b', 'c', 'd');
    await history.addMails([entry('m', { alertIds: ['a', 'c'] })], { settled: ['b', 'unknown'] });
    expect(await waiting(history)).toStrictEqual(['d']);
    expect((await history.notices('t')).map(({ notice }) => notice.id)).toStrictEqual(['a', 'b', 'c', 'd']);
  });

  check('a mail comes back as it was put in', async (history) => {
    const given = entry('m', {
      ...{ alertIds: ['b', 'a'], status: 'suppressed', attempts: 2, detail: 'backfill' },
      ...{ channel: 'pager', address: "it's 😀", kind: 'digest', episodeIds: ['e', 'f'], threadId: 'x' },
      ...{ notBefore: day(7), atMostOnce: true },
    });
    await history.addMails([given], {});
    expect(await history.mails(['suppressed'])).toStrictEqual([given]);
  });

  check('adding a mail again changes nothing of it, but its notices are taken off', async (history) => {
    await noticed(history, 'a');
    await history.addMails([entry('m')], {});
    await history.markMails([{ key: 'm', status: 'sent', detail: '250 ok', at: day(9) }]);
    const other = entry('m', { alertIds: ['a'] });
    await history.addMails([{ ...other, mail: { ...other.mail, subject: 'changed' } }], {});
    const sent = entry('m', { status: 'sent', detail: '250 ok' });
    expect(await history.mails(MAIL_STATUSES)).toStrictEqual([sent]);
    expect(await waiting(history)).toStrictEqual([]);
  });

  check('what was delivered about an episode or a thread is found without the mails', async (history) => {
    const about = (key: string, fields: Partial<OutboxEntry>) =>
      entry(key, { mail: { ...entry(key).mail, subject: `of ${key}` }, ...fields });
    await history.addMails(
      [
        about('late', { episodeIds: ['e', 'f'], addedAt: day(3), threadId: 'x' }),
        about('b', { episodeIds: ['f'], kind: 'digest', notBefore: day(9) }),
        about('a', { threadId: 'x', channel: 'pager', address: 'oncall' }),
        about('other', { episodeIds: ['g'], threadId: 'y' }),
        about('none', {}),
      ],
      {},
    );
    await history.markMails([{ key: 'a', status: 'sent', detail: null, at: day(4) }]);
    const found = async (episodeIds: readonly string[], threadIds: readonly string[]) =>
      (await history.deliveries({ episodeIds, threadIds })).map(({ key }) => key);
    expect(await found(['f', 'unknown'], [])).toStrictEqual(['b', 'late']);
    expect(await found([], ['x'])).toStrictEqual(['a', 'late']);
    expect(await found(['g'], ['x'])).toStrictEqual(['a', 'other', 'late']);
    expect(await found([], [])).toStrictEqual([]);
    expect(await history.deliveries({ episodeIds: ['f'], threadIds: ['x'] })).toStrictEqual([
      {
        ...{ key: 'a', subject: 'of a', channel: 'pager', address: 'oncall', kind: 'test' },
        ...{ episodeIds: [], threadId: 'x', notBefore: null, status: 'sent', addedAt: day(1) },
      },
      {
        ...{ key: 'b', subject: 'of b', channel: 'mail', address: 'ml@example.com', kind: 'digest' },
        ...{ episodeIds: ['f'], threadId: null, notBefore: day(9), status: 'pending', addedAt: day(1) },
      },
      {
        ...{ key: 'late', subject: 'of late', channel: 'mail', address: 'ml@example.com', kind: 'test' },
        ...{ episodeIds: ['e', 'f'], threadId: 'x', notBefore: null, status: 'pending', addedAt: day(3) },
      },
    ]);
  });

  check('a mail that only held a place is released once others take it', async (history) => {
    const held = { notBefore: day(9) };
    await history.addMails(
      [entry('held', held), entry('plain'), entry('gone', { ...held, status: 'failed' })],
      {},
    );
    await history.addMails([entry('new')], { released: ['held', 'plain', 'gone', 'none'] });
    const all = (await history.mails(MAIL_STATUSES)).map(({ mail, status, detail }) => [
      mail.key,
      status,
      detail,
    ]);
    expect(all).toStrictEqual([
      ['gone', 'failed', null],
      ['held', 'suppressed', 'released'],
      ['new', 'pending', null],
      ['plain', 'pending', null],
    ]);
  });

  check('mails come oldest first, then by key', async (history) => {
    const at = (n: number) => ({ addedAt: day(n) });
    await history.addMails([entry('z', at(2)), entry('b', at(2))], {});
    await history.addMails([entry('a', at(3))], {});
    await history.addMails([entry('y', at(1))], {});
    expect(await keys(history)).toStrictEqual(['y', 'b', 'z', 'a']);
  });

  for (const status of MAIL_STATUSES) {
    check(`a mail can be ${status}, and only asking for that finds it`, async (history) => {
      await history.addMails([entry('m'), entry('n', { status: 'failed' })], {});
      await history.markMails([{ key: 'm', status, detail: 'why', at: day(2) }]);
      const others = MAIL_STATUSES.filter((one) => one !== status);
      const has = async (statuses: readonly (typeof status)[]) =>
        (await history.mails(statuses)).some(({ mail }) => mail.key === 'm');
      expect([await has([status]), await has(others), await has([])]).toStrictEqual([true, false, false]);
    });
  }

  check('attempts are counted when sending begins, and the last detail stays', async (history) => {
    await history.addMails([entry('m')], {});
    const steps = ['sending', 'pending', 'sending', 'sent'] as const;
    const seen = [];
    for (const [i, status] of steps.entries()) {
      await history.markMails([{ key: 'm', status, detail: i === 3 ? null : `step ${i}`, at: day(2 + i) }]);
      const [mail] = await history.mails([status]);
      seen.push([mail!.attempts, mail!.detail]);
    }
    expect(seen).toStrictEqual([
      [1, 'step 0'],
      [1, 'step 1'],
      [2, 'step 2'],
      [2, null],
    ]);
  });

  check('doubts are counted when nobody can say whether a mail was sent', async (history) => {
    await history.addMails([entry('m')], {});
    const steps = ['sending', 'uncertain', 'sending', 'uncertain', 'sent'] as const;
    const seen = [];
    for (const status of steps) {
      await history.markMails([{ key: 'm', status, detail: null, at: day(2) }]);
      const [mail] = await history.mails([status]);
      seen.push([mail!.attempts, mail!.doubts]);
    }
    expect(seen).toStrictEqual([
      [1, 0],
      [1, 1],
      [2, 1],
      [2, 2],
      [2, 2],
    ]);
  });

  check(
    'mails are marked together, and one that is marked twice ends as the last mark says',
    async (history) => {
      expect(history.mailsAtOnce).toBeGreaterThan(0);
      await history.addMails([entry('m'), entry('n'), entry('o')], {});
      const at = day(2);
      await history.markMails([
        { key: 'm', status: 'sending', detail: null, at },
        { key: 'n', status: 'sending', detail: 'first', at },
        { key: 'n', status: 'uncertain', detail: 'then', at },
      ]);
      await history.markMails([]);
      const seen = (await history.mails(MAIL_STATUSES)).map(({ mail, status, attempts, doubts, detail }) => [
        mail.key,
        status,
        attempts,
        doubts,
        detail,
      ]);
      expect(seen).toStrictEqual([
        ['m', 'sending', 1, 0, null],
        ['n', 'uncertain', 1, 1, 'then'],
        ['o', 'pending', 0, 0, null],
      ]);
    },
  );

  check('marking a mail that is not there changes nothing', async (history) => {
    await history.addMails([entry('m')], {});
    await history.markMails([{ key: 'none', status: 'sent', detail: null, at: day(2) }]);
    expect(await history.mails(MAIL_STATUSES)).toStrictEqual([entry('m')]);
  });
}
