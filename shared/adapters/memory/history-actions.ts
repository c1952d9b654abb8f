import { baselineTestOf, compareActions, type PersonAction } from '../../core/person-action.ts';
import type { ActionStore } from '../../ports/history.ts';
import { cascadeAfter, type Store } from './history-store.ts';

export function actionStore(store: Store): ActionStore {
  return {
    addAction: async (action) => putAction(store, action),

    async actions({ kinds, testName } = {}) {
      return [...store.actions.values()]
        .filter(({ kind }) => kinds === undefined || kinds.includes(kind))
        .filter(({ target }) => testName === undefined || target.testName === testName)
        .sort(compareActions);
    },
  };
}

/** Adds an action, unless one with its id is there. */
export function putAction(store: Store, action: PersonAction): void {
  if (store.actions.has(action.actionId)) return;
  store.actions.set(action.actionId, action);
  const testName = baselineTestOf(action);
  if (testName !== null) cascadeAfter(store, testName, { finishedAt: action.at + 1, runId: '', uuid: '' });
}
