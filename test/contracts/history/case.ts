import { test } from 'vitest';
import type { History } from '../../../shared/ports/history.ts';

/** An adapter under test. */
export interface HistoryCase {
  readonly name: string;
  /** Gives a fresh, empty store. */
  readonly open: () => Promise<History>;
  /** Whether `query` runs SQL; otherwise it must refuse. */
  readonly sql: boolean;
}

/** Names a test and gives it a history that is closed afterwards. */
export type HistoryTest = (sentence: string, body: (history: History) => Promise<void>) => void;

export function historyTest({ open }: HistoryCase): HistoryTest {
  return (sentence, body) =>
    test(sentence, async () => {
      const history = await open();
      try {
        await body(history);
      } finally {
        await history.close();
      }
    });
}
