import { compareText } from '../../core/text-order.ts';
import type { Alert, Outbox } from '../../ports/history.ts';
import type { Store } from './history-store.ts';

export function outbox(store: Store): Outbox {
  const settle = (id: string) => {
    const known = store.alerts.get(id);
    if (known !== undefined) store.alerts.set(id, { ...known, waiting: false });
  };

  return {
    async waitingAlerts() {
      const waiting = [...store.alerts.values()].filter((known) => known.waiting);
      return waiting.map(({ alert }) => alert).sort(compareAlerts);
    },

    async addMails(entries, settled, at) {
      for (const entry of entries) {
        const { key } = entry.mail;
        if (!store.mails.has(key)) store.mails.set(key, { entry, addedAt: at });
        entry.alertIds.forEach(settle);
      }
      settled.forEach(settle);
    },

    async mails(statuses) {
      return [...store.mails.values()]
        .filter(({ entry }) => statuses.includes(entry.status))
        .sort((a, b) => a.addedAt - b.addedAt || compareText(a.entry.mail.key, b.entry.mail.key))
        .map(({ entry }) => entry);
    },

    async markMail(key, { status, detail }) {
      const known = store.mails.get(key);
      if (known === undefined) return;
      const attempts = known.entry.attempts + (status === 'sending' ? 1 : 0);
      store.mails.set(key, { ...known, entry: { ...known.entry, status, detail, attempts } });
    },
  };
}

/** Oldest run first. */
export function compareAlerts(a: Alert, b: Alert): number {
  return (
    a.item.finishedAt - b.item.finishedAt ||
    compareText(a.item.testName, b.item.testName) ||
    compareText(a.id, b.id)
  );
}
