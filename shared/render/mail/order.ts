import { NOTICE_KINDS, SEVERITIES, type Severity } from '../../core/episodes/episode.ts';
import type { Notice } from '../../core/episodes/notice.ts';
import { compareText } from '../../core/text-order.ts';
import { pointsOf } from '../chart/points.ts';
import { levelOf, phasesOf } from './level.ts';

const SIGNALS = ['pipeline', 'schedule', 'job', 'infra', 'metrics'];

/** Notices as a mail tells them: what is worst and nearest to the cause first, so that the order of arrival is never seen. */
export function worstFirst(notices: readonly Notice[]): Notice[] {
  const sorted = notices.map((notice) => ({ notice, excess: excess(notice) })).sort(compare);
  return sorted.map(({ notice }) => notice);
}

/** What goes on; where everything is over all of it. */
export function goingOn(notices: readonly Notice[]): readonly Notice[] {
  const open = notices.filter(({ kind }) => kind !== 'recovered' && kind !== 'closed');
  return open.length === 0 ? notices : open;
}

/** The worst severity of what goes on: people filter by it. */
export function worstOf(notices: readonly Notice[]): Severity {
  const all = new Set(goingOn(notices).map(({ episode }) => episode.severity));
  return SEVERITIES.findLast((severity) => all.has(severity)) ?? 'info';
}

interface Weighed {
  readonly notice: Notice;
  readonly excess: number;
}

function compare({ notice: a, excess: far }: Weighed, { notice: b, excess: farther }: Weighed): number {
  return (
    kindRank(a) - kindRank(b) ||
    severityRank(b) - severityRank(a) ||
    signalRank(a) - signalRank(b) ||
    farther - far ||
    compareText(a.episode.testName, b.episode.testName) ||
    compareText(a.episode.signal, b.episode.signal) ||
    compareText(a.id, b.id)
  );
}

function kindRank({ kind }: Notice): number {
  return NOTICE_KINDS.indexOf(kind);
}

function severityRank({ episode }: Notice): number {
  return SEVERITIES.indexOf(episode.severity);
}

function signalRank({ episode }: Notice): number {
  const rank = SIGNALS.indexOf(episode.signal);
  return rank < 0 ? SIGNALS.length : rank;
}

/** How far off a value is, in spreads of the runs before; infinite for one that is missing or not finite. */
function excess({ episode, evidence }: Notice): number {
  if (!episode.signal.startsWith('metric:')) return 0;
  const { value } = episode.lastBad;
  if (value === null) return Number.MAX_VALUE;
  const level = levelOf(phasesOf(pointsOf({ episode, evidence }), episode).before);
  if (level === null) return 0;
  const far = Math.abs(value - level.centre) / (level.spread || Math.abs(level.centre) || 1);
  return Number.isFinite(far) ? far : Number.MAX_VALUE;
}
