import type { DeliveryDraft, HeldRow, NoticeToTell } from '../core/delivery/draft.ts';
import { subjectOfThread, threadsOf, toldBy, toldTo } from '../core/delivery/heads.ts';
import { planDeliveries } from '../core/delivery/plan.ts';
import { MAIL_CHANNEL } from '../core/delivery/policy.ts';
import { endingSoon, silencesOf } from '../core/delivery/silences.ts';
import { threadsAbout } from '../core/delivery/threads.ts';
import type { Notice } from '../core/episodes/notice.ts';
import { isOfTidemark } from '../core/episodes/tidemark-itself.ts';
import type { MailRequest } from '../core/mail-request.ts';
import type { Delivery, OutboxEntry } from '../ports/history.ts';
import { channelMail } from '../render/channel-mail.ts';
import type { Ports, Settings } from './context.ts';
import { grouped } from './group-incidents.ts';
import { illustratedMail } from './pictures.ts';
import { withClusters } from './with-clusters.ts';

/**
 * Puts every notice that waits, and those held back whose hour has come, into mails dated `date`. A mail is in the
 * outbox before anything is sent and never changes there, so that a crash can only repeat the same mail.
 */
export async function composeMails(ports: Ports, settings: Settings, date: number): Promise<void> {
  const { history, log } = ports;
  const waiting = await withClusters(await noticesToTell(ports, date), history);
  if (waiting.length === 0) return;
  const { notices, causes } = await grouped(waiting, ports, settings);
  const about = {
    episodeIds: [...new Set(notices.map(({ notice }) => notice.episode.episodeId))],
    threadIds: [...new Set(notices.flatMap(({ notice }) => threadsAbout(notice.episode)))],
  };
  const deliveries = await history.deliveries(about);
  const silences = silencesOf(await history.actions({ kinds: ['silence', 'unsilence'] }));
  const tests = new Set(notices.map(({ notice }) => notice.episode.testName));
  const open = (await history.episodes({ open: true })).filter(({ testName }) => tests.has(testName));
  const plan = planDeliveries({
    notices,
    episodes: open,
    silences,
    told: toldBy(deliveries),
    toldTo: toldTo(deliveries),
    threads: threadsOf(deliveries),
    causes,
    policy: settings.policy,
    tests: settings.tests,
    configFile: settings.configFile,
    now: date,
  });
  const entries: OutboxEntry[] = [];
  for (const draft of plan.drafts) {
    const request = requestOf(draft, { deliveries, date, settings, silences: endingSoon(silences, date) });
    entries.push(await entryOf(draft, request, ports));
  }
  for (const line of new Set(plan.unrouted.map((notice) => unheardLine(notice, settings)))) log.warn(line);
  const settled = notices.flatMap(({ notice, held }) => (held === null ? [notice.id] : []));
  await history.addMails(entries, { settled, released: plan.released });
}

function unheardLine({ episode }: Notice, { configFile }: Settings): string {
  return isOfTidemark(episode)
    ? `Tidemark itself is in trouble and nobody is named to hear of it; set alerting.fallback, or a route for the signal pipeline, in ${configFile}`
    : `Test "${episode.testName}" got worse and nobody is named to hear of it; give it an owner, or set alerting.fallback, in ${configFile}`;
}

async function noticesToTell({ history }: Ports, date: number): Promise<NoticeToTell[]> {
  const waiting = await history.waitingNotices();
  const due = (await history.mails(['pending'])).filter(
    ({ notBefore }) => notBefore !== null && notBefore <= date,
  );
  const told = new Map(
    (await history.noticesWith(due.flatMap(({ alertIds }) => alertIds))).map((one) => [one.notice.id, one]),
  );
  const held = due.flatMap(({ mail, channel, address, alertIds }) => {
    const row: HeldRow = { key: mail.key, channel, address };
    return alertIds.flatMap((id) => told.get(id) ?? []).map((one) => ({ ...one, held: row }));
  });
  return [...waiting.map((one) => ({ ...one, held: null })), ...held];
}

interface Around {
  readonly deliveries: readonly Delivery[];
  readonly date: number;
  readonly settings: Settings;
  readonly silences: ReturnType<typeof endingSoon>;
}

function requestOf(draft: DeliveryDraft, { deliveries, date, settings, silences }: Around): MailRequest {
  const { key, channel, address, threadId, alsoEnds, why, kind, notices, cause, stillOpen } = draft;
  return {
    ...{ key, from: settings.from, to: channel === MAIL_CHANNEL ? [address] : [], date, threadId },
    ...{ subject: subjectOfThread(deliveries, draft), why, silences },
    ...{ configFile: settings.configFile, command: settings.command },
    ...{ kind, notices, cause, stillOpen, alsoEnds },
  };
}

/** One that is never sent, or whose hour is not here, goes without pictures. */
async function entryOf(draft: DeliveryDraft, request: MailRequest, ports: Ports): Promise<OutboxEntry> {
  const { channel, address, kind, episodeIds, threadId, notBefore, atMostOnce, suppressedBy } = draft;
  const plain = suppressedBy !== null || notBefore !== null || channel !== MAIL_CHANNEL;
  const mail = await illustratedMail(request, ports, { plain });
  return {
    mail: channel === MAIL_CHANNEL ? mail : channelMail(mail, draft),
    ...{ channel, address, kind, episodeIds, threadId, notBefore, atMostOnce },
    alertIds: draft.notices.map(({ id }) => id),
    status: suppressedBy === null ? 'pending' : 'suppressed',
    attempts: 0,
    doubts: 0,
    detail: suppressedBy,
    addedAt: ports.clock.now(),
  };
}
