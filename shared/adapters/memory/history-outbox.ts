import { compareText } from '../../core/text-order.ts';
import type { Delivery, Outbox, OutboxEntry } from '../../ports/history.ts';
import type { Store } from './history-store.ts';

export function outbox(store: Store): Outbox {
  const settle = (id: string) => {
    const notice = store.notices.get(id);
    if (notice !== undefined) store.notices.set(id, { ...notice, waiting: false });
  };

  return {
    async addMails(entries, { settled = [], released = [] }) {
      for (const entry of entries) {
        const { key } = entry.mail;
        if (!store.mails.has(key)) store.mails.set(key, entry);
        entry.alertIds.forEach(settle);
      }
      settled.forEach(settle);
      for (const key of released) {
        const known = store.mails.get(key);
        if (known?.status !== 'pending' || known.notBefore === null) continue;
        store.mails.set(key, { ...known, status: 'suppressed', detail: 'released' });
      }
    },

    async mails(statuses) {
      return [...store.mails.values()]
        .filter(({ status }) => statuses.includes(status))
        .sort((a, b) => a.addedAt - b.addedAt || compareText(a.mail.key, b.mail.key));
    },

    async deliveries({ episodeIds, threadIds }) {
      return [...store.mails.values()]
        .filter(
          (entry) =>
            entry.episodeIds.some((id) => episodeIds.includes(id)) ||
            (entry.threadId !== null && threadIds.includes(entry.threadId)),
        )
        .sort((a, b) => a.addedAt - b.addedAt || compareText(a.mail.key, b.mail.key))
        .map(deliveryOf);
    },

    mailsAtOnce: 1,

    async markMails(marks) {
      for (const { key, status, detail } of marks) {
        const known = store.mails.get(key);
        if (known === undefined) continue;
        const attempts = known.attempts + (status === 'sending' ? 1 : 0);
        const doubts = known.doubts + (status === 'uncertain' ? 1 : 0);
        store.mails.set(key, { ...known, status, detail, attempts, doubts });
      }
    },
  };
}

function deliveryOf({ mail, ...entry }: OutboxEntry): Delivery {
  const { channel, address, kind, episodeIds, threadId, notBefore, status, addedAt } = entry;
  const { key, subject } = mail;
  return { key, subject, channel, address, kind, episodeIds, threadId, notBefore, status, addedAt };
}
