import type { History } from '../../ports/history.ts';
import { earlierRuns } from './history-earlier.ts';
import { eventStore } from './history-events.ts';
import { outbox } from './history-outbox.ts';
import { runIndex, runRecorder } from './history-runs.ts';
import { emptyStore } from './history-store.ts';
import { historyViews } from './history-views.ts';

/** A history that lives as long as its process. */
export function memoryHistory(): History {
  const store = emptyStore();
  return {
    ...eventStore(store),
    ...runIndex(store),
    ...earlierRuns(store),
    ...runRecorder(store),
    ...outbox(store),
    ...historyViews(store),
    close: async () => {},
  };
}
