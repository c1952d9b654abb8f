import { digestOf } from '../digest.ts';
import type { NoticeKind, Polarity, RunPoint, Signal } from './episode.ts';

/** What all episodes of one signal and polarity of a test share. */
export interface Subject {
  readonly testName: string;
  readonly signal: Signal;
  readonly polarity: Polarity;
}

/** The same for all episodes of one subject. */
export function fingerprintOf({ testName, signal, polarity }: Subject): string {
  return digestOf('fingerprint', testName, signal, polarity);
}

/** Of the run in which it opened, not of its first bad one: no two episodes of a subject open in one run. */
export function episodeIdOf(fingerprint: string, opening: RunPoint): string {
  return digestOf('episode', fingerprint, opening.uuid);
}

/** All episodes of a test that opened in one run make one conversation. */
export function threadIdOf(testName: string, opening: RunPoint): string {
  return digestOf('thread', testName, opening.uuid);
}

export function episodeEventIdOf(episodeId: string, seq: number, name: string): string {
  return digestOf('step', episodeId, String(seq), name);
}

/** The id of what is told of a step; the same however often it is worked out. */
export function noticeIdOf(episodeId: string, seq: number, kind: NoticeKind): string {
  return digestOf('notice', episodeId, String(seq), kind);
}
