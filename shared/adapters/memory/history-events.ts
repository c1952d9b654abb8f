import type { RejectedMessage, RunEvent } from '../../core/run-event.ts';
import { conflictId, keepOne, reinstated } from '../../core/same-key.ts';
import { compareText } from '../../core/text-order.ts';
import type { EventStore } from '../../ports/history.ts';
import type { Store } from './history-store.ts';

export function eventStore(store: Store): EventStore {
  return {
    async append({ events, rejected }) {
      const conflicts = events.flatMap((event) => addMessage(store, event) ?? []);
      for (const message of rejected) addRejected(store, message);
      return conflicts;
    },

    async eventsOf(threads) {
      const all = [...store.events.values()].sort((a, b) => compareText(a.eventKey, b.eventKey));
      const wanted = new Set(threads);
      return Map.groupBy(
        all.filter(({ thread }) => wanted.has(thread)),
        ({ thread }) => thread,
      );
    },

    async rejected() {
      return [...store.rejected.values()].sort(
        (a, b) => a.publishTime - b.publishTime || compareText(a.id, b.id),
      );
    },

    async forgetRejected(ids) {
      for (const id of ids) store.rejected.delete(id);
    },
  };
}

/** Answers with the message that lost, when two claim one key. */
function addMessage(store: Store, event: RunEvent): RejectedMessage | null {
  const stored = store.events.get(event.eventKey);
  const { kept, conflict } = stored === undefined ? { kept: event, conflict: null } : keepOne(stored, event);
  if (conflict !== null) addRejected(store, conflict);
  if (kept === stored) return conflict;
  // The thread of the one that is gone has changed as well.
  if (stored !== undefined) store.unsettled.add(stored.thread);
  const rejection = store.rejected.get(conflictId(kept));
  store.rejected.delete(conflictId(kept));
  store.events.set(kept.eventKey, rejection === undefined ? kept : reinstated(kept, rejection));
  store.unsettled.add(kept.thread);
  return conflict;
}

function addRejected(store: Store, message: RejectedMessage): void {
  const stored = store.rejected.get(message.id);
  const publishTime = Math.min(message.publishTime, stored?.publishTime ?? message.publishTime);
  store.rejected.set(message.id, { ...(stored ?? message), publishTime });
}
