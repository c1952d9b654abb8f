import type { AlertItem } from './alert-item.ts';
import { digestOf } from './digest.ts';
import { compareText } from './text-order.ts';

/** An alert that waits to be told. */
export interface WaitingAlert {
  readonly id: string;
  readonly recipients: readonly string[];
  readonly suppressed: boolean;
  readonly item: AlertItem;
}

/** One mail to be: everything that one address is to hear of at once. */
export interface MailDraft<A extends WaitingAlert> {
  /** Deterministic: the same alerts for the same address give the same key. */
  readonly key: string;
  readonly recipient: string;
  readonly suppressed: boolean;
  readonly alerts: readonly A[];
}

/** One mail per address, with suppressed alerts apart; `unrouted` are those that name nobody. */
export function planMails<A extends WaitingAlert>(
  alerts: readonly A[],
): { readonly drafts: readonly MailDraft<A>[]; readonly unrouted: readonly A[] } {
  const groups = new Map<string, { recipient: string; suppressed: boolean; alerts: A[] }>();
  for (const alert of alerts) {
    for (const recipient of new Set(alert.recipients)) {
      const key = `${alert.suppressed} ${recipient}`;
      const group = groups.get(key) ?? { recipient, suppressed: alert.suppressed, alerts: [] };
      groups.set(key, group);
      group.alerts.push(alert);
    }
  }
  const drafts = [...groups.values()].map((group) => {
    const ids = group.alerts.map(({ id }) => id).sort(compareText);
    return { ...group, key: digestOf('mail', group.recipient, ...ids) };
  });
  return { drafts, unrouted: alerts.filter(({ recipients }) => recipients.length === 0) };
}
