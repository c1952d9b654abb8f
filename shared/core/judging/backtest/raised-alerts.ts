import { type EffectiveConfig, effectiveConfig } from '../../effective-config.ts';
import type { Episode, NoticeKind } from '../../episodes/episode.ts';
import { applyRecord } from '../../episodes/fold.ts';
import { EPISODE_SETTINGS } from '../../episodes/settings.ts';
import type { Sight } from '../../episodes/sight.ts';
import { type JudgedRun, sightsOf, withPast } from '../../episodes/sights-of.ts';
import type { Judgement } from '../../judge.ts';
import { metricOf } from '../../metric.ts';
import type { ConditionConfig } from '../../schema/test-config.ts';
import type { AutoAlert } from '../auto/auto.ts';

/** A change that a rule would have told, at the run at which it would have. */
export interface RaisedAlert extends Pick<AutoAlert, 'direction' | 'kind'> {
  readonly index: number;
  /** First changed run, as far as the rule knows. */
  readonly since: number;
}

/** What a rule said of one run that reported its metric. */
export interface JudgedPoint {
  readonly index: number;
  readonly value: number;
  readonly judgement: Judgement;
  /** First changed run of what the judgement alerts on, where it looked back. */
  readonly since: number;
}

const METRIC = 'metric';
/** One run a night: what opens again within two days then opens again within three runs anyway. */
const NIGHT = 24 * 3_600_000;

/** What is told at a point of a series. */
export interface ToldAt {
  readonly point: JudgedPoint;
  readonly kind: NoticeKind;
  /** The episode as it is then. */
  readonly episode: Episode;
}

/** The alerts of a series: where its episodes would have fired, or fired again. */
export function raisedAlerts(points: Iterable<JudgedPoint>, condition: ConditionConfig): RaisedAlert[] {
  return toldOf(points, condition)
    .filter(({ kind }) => kind === 'firing' || kind === 'again')
    .map(({ point, episode, kind }) => alertOf(point, episode, kind === 'again'));
}

/**
 * All that would have been told of a series, but for what the clock says. This is the way of a live pass, from the
 * judgement of a run to what is told of it, and not another one like it. Points come in the order of their runs.
 */
export function toldOf(points: Iterable<JudgedPoint>, condition: ConditionConfig): ToldAt[] {
  const config = configOf(condition);
  const newest = new Map<string, Episode>();
  const told: ToldAt[] = [];
  let seq = 0;
  for (const point of points) {
    if (isQuiet(point.judgement) && ![...newest.values()].some(hears)) continue;
    const sights = sightsOf(judgedRun(point, condition, config), [...newest.values()]);
    seq += 1;
    const record = { seq, inputs: sights.map((sight) => withSince(sight, point.since)) };
    const step = applyRecord([...newest.values()], record, EPISODE_SETTINGS);
    for (const episode of step.episodes) newest.set(episode.fingerprint, episode);
    told.push(...step.notices.map(({ kind, event }) => ({ point, kind, episode: event.after })));
  }
  return told;
}

function isQuiet({ verdict, change }: Judgement): boolean {
  return verdict !== 'fail' && (change?.alert ?? null) === null;
}

function hears({ state, closedReason, runsSince }: Episode): boolean {
  return state !== 'closed' || (closedReason === 'recovered' && runsSince < EPISODE_SETTINGS.reopenRuns);
}

function alertOf({ index, judgement, since }: JudgedPoint, episode: Episode, isAgain: boolean): RaisedAlert {
  const change = judgement.change?.alert ?? null;
  const isNonfinite = episode.reason === 'nonfinite';
  return {
    index,
    since: change !== null ? since : isAgain ? index : Number(episode.firstBad.uuid),
    direction: episode.polarity === 'bad' ? 'worse' : 'better',
    kind: isNonfinite ? 'nonfinite' : (change?.kind ?? 'point'),
  };
}

function withSince(sight: Sight, since: number): Sight {
  return sight.judge === 'alert'
    ? withPast(sight, { firstBad: { ...sight.run, uuid: String(since) }, lastGood: null })
    : sight;
}

function judgedRun(
  { index, value, judgement }: JudgedPoint,
  condition: ConditionConfig,
  config: EffectiveConfig,
): JudgedRun {
  const at = index * NIGHT;
  const metric = metricOf(METRIC, value);
  const { verdict } = judgement;
  return {
    job: {
      uuid: String(index),
      runId: String(index),
      attempt: 1,
      testName: '',
      testType: null,
      accelerator: null,
      frameworkVersion: null,
      outcome: 'success',
      numFailures: null,
      jobDurationSec: null,
      startedAt: null,
      finishedAt: at,
      logsLink: null,
      logsDownloadCommand: null,
      workloadLink: null,
      publishTime: at,
      verdict,
      labels: {},
    },
    assessment: {
      metrics: [{ metric, condition, requiredMissing: false, judgement, baseline: null }],
      verdict,
    },
    config,
  };
}

function configOf(condition: ConditionConfig): EffectiveConfig {
  const { conditions, ...rest } = effectiveConfig({
    messageConfig: null,
    configErrors: [],
    fileConfig: null,
  });
  return { ...rest, conditions: new Map([...conditions, [METRIC, condition]]) };
}
