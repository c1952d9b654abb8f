// What has to hold of alerts whatever happens (alerting.md, end of §1.5), over random nights of random signals.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { effectiveConfig } from '../../shared/core/effective-config.ts';
import type { Episode } from '../../shared/core/episodes/episode.ts';
import { applyRecord, foldEpisodes } from '../../shared/core/episodes/fold.ts';
import { regressionSays } from '../../shared/core/episodes/metric-sight.ts';
import { dueClockSights } from '../../shared/core/episodes/reminders.ts';
import { EPISODE_SETTINGS } from '../../shared/core/episodes/settings.ts';
import { metricOf } from '../../shared/core/metric.ts';
import type { ConditionConfig } from '../../shared/core/schema/test-config.ts';
import { assessed } from '../support/assessed.ts';
import { anyStory, live } from '../support/episode-stories.ts';
import { night } from '../support/sights.ts';

const RUNS = { numRuns: 400 };

/** Notices of one episode in their order, one letter each: a FIRING, an end, and what may come between. */
const SHORT: Readonly<Record<string, string>> = {
  firing: 'F',
  again: 'A',
  recovered: 'E',
  closed: 'E',
};

describe('whatever happens', () => {
  test('a FIRING is followed by one end at most, and nothing ends that did not fire', () => {
    fc.assert(
      fc.property(anyStory, (happenings) => {
        const { notices } = live(happenings);
        const byEpisode = Map.groupBy(notices, ({ event }) => event.after.episodeId);
        for (const told of byEpisode.values()) {
          const word = told.map(({ kind }) => SHORT[kind] ?? '.').join('');
          expect(word).toMatch(/^F\.*(E(A\.*E)*(A\.*)?)?$/);
        }
      }),
      RUNS,
    );
  });

  test('nothing is told without a change of state, but what the clock and a change for the worse say', () => {
    const stays = new Set(['escalated', 'flapping', 'new_normal', 'reminder', 'ack_ended', 'silence_ended']);
    fc.assert(
      fc.property(anyStory, (happenings) => {
        for (const { kind, event } of live(happenings).notices) {
          expect({ kind, moves: event.fromState !== event.after.state }).toEqual({
            kind,
            moves: !stays.has(kind),
          });
        }
      }),
      RUNS,
    );
  });

  test('what was learnt gives the same episodes and steps again, in any order and up to any moment', () => {
    fc.assert(
      fc.property(anyStory, fc.nat(), (happenings, cut) => {
        const { records, episodes, events } = live(happenings);
        const plain = JSON.parse(JSON.stringify(records)) as typeof records;
        const folded = foldEpisodes([...plain].reverse(), EPISODE_SETTINGS);
        expect(folded).toEqual({ episodes, events });
        const some = records.slice(0, cut % (records.length + 1));
        const part = foldEpisodes(some, EPISODE_SETTINGS).events;
        expect(part).toEqual(events.slice(0, part.length));
      }),
      RUNS,
    );
  });

  test('a run that is seen again moves nothing, nor does one that comes late', () => {
    fc.assert(
      fc.property(anyStory, (happenings) => {
        const { records, episodes } = live(happenings);
        const newest = newestOf(episodes);
        for (const { inputs } of records) {
          const runs = inputs.filter(({ from }) => from === 'run');
          expect(applyRecord(newest, { seq: 99, inputs: runs }, EPISODE_SETTINGS).events).toEqual([]);
        }
      }),
      RUNS,
    );
  });

  test('the order of signals within a record does not matter', () => {
    fc.assert(
      fc.property(anyStory, (happenings) => {
        const { records, episodes } = live(happenings);
        const turned = records.map(({ seq, inputs }) => ({ seq, inputs: [...inputs].reverse() }));
        const folded = foldEpisodes(turned, EPISODE_SETTINGS).episodes;
        expect(byId(folded)).toEqual(byId(episodes));
      }),
      RUNS,
    );
  });

  test('steps are numbered, unlike each other, and each begins where the last one ended', () => {
    fc.assert(
      fc.property(anyStory, (happenings) => {
        const { events } = live(happenings);
        expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(events.length);
        for (const steps of Map.groupBy(events, ({ after }) => after.episodeId).values()) {
          steps.forEach(({ fromState, after }, index) => {
            expect(after.seq).toBe(index + 1);
            expect(fromState).toBe(index === 0 ? 'ok' : steps[index - 1]!.after.state);
            expect((after.closedAt ?? Number.POSITIVE_INFINITY) >= after.openedAt).toBe(true);
            expect(after.state === 'closed').toBe(after.closedReason !== null);
          });
        }
      }),
      RUNS,
    );
  });

  test('the clock by itself changes nothing but reminders and acks', () => {
    fc.assert(
      fc.property(anyStory, fc.nat(40), (happenings, days) => {
        const before = newestOf(live(happenings).episodes);
        const now = night(60 + days);
        const inputs = dueClockSights(before, now, EPISODE_SETTINGS);
        const step = applyRecord(before, { seq: 99, inputs }, EPISODE_SETTINGS);
        for (const episode of step.episodes) {
          const was = before.find(({ episodeId }) => episodeId === episode.episodeId)!;
          const { seq, record, ack, reminders, nextReminderAt } = episode;
          expect(episode).toEqual({ ...was, seq, record, ack, reminders, nextReminderAt });
        }
        // A second look at the same moment finds nothing more to say.
        const later = before.map(
          (was) => step.episodes.find(({ episodeId }) => episodeId === was.episodeId) ?? was,
        );
        const acks = dueClockSights(later, now, EPISODE_SETTINGS).filter(({ kind }) => kind === 'ack_ended');
        expect(acks).toEqual([]);
      }),
      RUNS,
    );
  });
});

const value = fc.constantFrom<number | null>(
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  null,
);
const policy = fc.constantFrom<'fail' | 'warn' | 'ignore' | undefined>('fail', 'warn', 'ignore', undefined);
const threshold = fc.constantFrom<ConditionConfig['success_threshold']>(
  { fixed_value: 5 },
  { stddevs_from_mean: 3 },
  { percent_from_median: 10 },
  { auto: {} },
);

test('a value that is missing or no number is never good, whatever the condition', () => {
  const earlier = Array.from({ length: 40 }, (_, index) => 4 + (index % 3) / 10);
  fc.assert(
    fc.property(
      value,
      policy,
      policy,
      threshold,
      fc.boolean(),
      (given, missing, nonfinite, success, known) => {
        const condition = {
          comparison: 'less' as const,
          success_threshold: success,
          ...(missing === undefined ? {} : { on_missing: missing }),
          ...(nonfinite === undefined ? {} : { on_nonfinite: nonfinite }),
        };
        const fileConfig = { regression_test_config: { metric_success_conditions: { loss: condition } } };
        const config = effectiveConfig({ messageConfig: null, configErrors: [], fileConfig });
        const reported = given === null ? [] : [metricOf('loss', given)];
        const { metrics } = assessed({ metrics: reported, config, earlier: known ? earlier : [] });
        const { says } = regressionSays(metrics.find(({ metric }) => metric.name === 'loss')!);
        expect(['bad', 'neutral', 'absent']).toContain(says);
      },
    ),
  );
});

function newestOf(episodes: readonly Episode[]): Episode[] {
  return [...new Map(episodes.map((episode) => [episode.fingerprint, episode])).values()];
}

function byId(episodes: readonly Episode[]): Map<string, Episode> {
  return new Map(episodes.map((episode) => [episode.episodeId, episode] as const).sort());
}
