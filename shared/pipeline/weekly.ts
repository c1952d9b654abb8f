import { MAIL_CHANNEL } from '../core/delivery/policy.ts';
import { lastWeekly } from '../core/delivery/quiet.ts';
import { endingSoon, silencesOf } from '../core/delivery/silences.ts';
import { WEEKLY_THREAD, weeklyKey, weeklyReaders, weekSummary } from '../core/delivery/weekly.ts';
import type { Mail } from '../core/mail.ts';
import type { OutboxEntry } from '../ports/history.ts';
import { renderMail } from '../render/mail/render-mail.ts';
import type { Ports, Settings } from './context.ts';

const WEEK_MS = 7 * 86_400_000;

/**
 * Puts the summary of the last week into the outbox, one for everybody who hears of a test, once its moment has come.
 * It is dated by that moment, not by the pass, and its key names reader and week: so it is sent once, however often
 * and however late a pass looks. Also when all is well: silence must never have to mean "fine".
 */
export async function composeWeekly(ports: Ports, settings: Settings, now: number): Promise<void> {
  const { history, clock } = ports;
  const { policy, tests, configFile } = settings;
  if (policy.weekly === null) return;
  const until = lastWeekly(now, policy.weekly);
  const from = until - WEEK_MS;
  const sent = await history.deliveries({ episodeIds: [], threadIds: [WEEKLY_THREAD] });
  // All of a week are made at once.
  if (sent.some(({ addedAt }) => addedAt >= until)) return;
  const counts = await history.runCounts({ from, until });
  // A history that begins with this pass has nothing to tell.
  if (counts.length === 0) return;
  const names = [...new Set([...counts.map(({ testName }) => testName), ...tests.keys()])].sort();
  const readers = weeklyReaders(names, { tests, policy, configFile });
  if (readers.length === 0) return;
  const episodes = await history.episodes({});
  const silences = endingSoon(silencesOf(await history.actions({ kinds: ['silence', 'unsilence'] })), now);
  const entries = readers.map((reader) => {
    const frame = {
      key: weeklyKey(reader.address, until),
      from: settings.from,
      to: [reader.address],
      date: until,
    };
    const about = { threadId: null, subject: null, why: reader.why, silences };
    const where = { configFile, command: settings.command };
    const week = weekSummary({ episodes, counts, from, until }, reader);
    return entryOf(renderMail({ ...frame, ...about, ...where, kind: 'weekly', week }), clock.now());
  });
  await history.addMails(entries, {});
}

function entryOf(mail: Mail, addedAt: number): OutboxEntry {
  return {
    mail,
    channel: MAIL_CHANNEL,
    address: mail.to[0]!,
    kind: 'weekly',
    alertIds: [],
    episodeIds: [],
    threadId: WEEKLY_THREAD,
    notBefore: null,
    atMostOnce: true,
    status: 'pending',
    attempts: 0,
    doubts: 0,
    detail: null,
    addedAt,
  };
}
