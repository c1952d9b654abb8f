import { describe } from 'vitest';
import { actionContract } from './history/actions.ts';
import { type HistoryCase, historyTest } from './history/case.ts';
import { decisionsContract } from './history/decisions.ts';
import { earlierRunsContract } from './history/earlier.ts';
import { episodesContract } from './history/episodes.ts';
import { eventStoreContract } from './history/events.ts';
import { exactnessContract } from './history/exact.ts';
import { gateContract } from './history/gate.ts';
import { runIndexContract } from './history/index-of-runs.ts';
import { outboxContract } from './history/outbox.ts';
import { recorderContract } from './history/recorder.ts';
import { settleContract } from './history/settle.ts';
import { viewsContract } from './history/views.ts';

/** What every history promises. */
export function historyContract(subject: HistoryCase): void {
  const check = historyTest(subject);
  describe(`history contract: ${subject.name}`, () => {
    describe('messages', () => eventStoreContract(check));
    describe('index of runs', () => runIndexContract(check));
    describe('settling threads', () => settleContract(check));
    describe('recording a run', () => recorderContract(check));
    describe('earlier runs', () => earlierRunsContract(check));
    describe('episodes', () => episodesContract(check));
    describe('alerts and mails', () => outboxContract(check));
    describe('what people did', () => actionContract(check));
    describe('decisions', () => decisionsContract(check));
    describe('what a gate asks', () => gateContract(check));
    describe('answers to people', () => viewsContract(check, subject.sql));
    describe('names and numbers', () => exactnessContract(check));
  });
}
