import type { History } from '../../ports/history.ts';
import { actionStore } from './history-actions.ts';
import { earlierRuns } from './history-earlier.ts';
import { episodeStore } from './history-episodes.ts';
import { eventStore } from './history-events.ts';
import { outbox } from './history-outbox.ts';
import { runIndex, runRecorder } from './history-runs.ts';
import { emptyStore, type Store } from './history-store.ts';
import { historyViews } from './history-views.ts';

/** A history that lives as long as its process; a test may look into the store without SQL. */
export function memoryHistory(store: Store = emptyStore()): History {
  return {
    ...eventStore(store),
    ...runIndex(store),
    ...earlierRuns(store),
    ...runRecorder(store),
    ...episodeStore(store),
    ...actionStore(store),
    ...outbox(store),
    ...historyViews(store),
    flush: async () => {},
    close: async () => {},
  };
}
