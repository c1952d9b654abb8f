import fc from 'fast-check';
import type { EpisodeAction, EpisodeInput, SightRecord } from '../../shared/core/episodes/actions.ts';
import type { Episode, EpisodeEvent, NoticeKind, Signal } from '../../shared/core/episodes/episode.ts';
import { applyRecord } from '../../shared/core/episodes/fold.ts';
import { EPISODE_SETTINGS } from '../../shared/core/episodes/settings.ts';
import type { ClockSight, Sight } from '../../shared/core/episodes/sight.ts';
import { night, sight, story } from './sights.ts';

const SIGNALS: readonly Signal[] = ['metric:loss', 'metric:accuracy', 'job'];
const LETTERS = 'bg~nNMpaufAcoR';

/** One thing that happens: a night of the test, a word of the clock or of a person about one of its episodes. */
export type Happening =
  | {
      readonly do: 'night';
      readonly letters: readonly string[];
      readonly other: boolean;
      readonly confirm: number;
    }
  | {
      readonly do: 'clock';
      readonly kind: ClockSight['kind'];
      readonly which: number;
      readonly hours: number;
    }
  | { readonly do: 'person'; readonly kind: EpisodeAction['kind']; readonly which: number };

const letter = fc.constantFrom(...LETTERS, ...'bbgggg');
const anyNight = fc.record({
  do: fc.constant('night' as const),
  letters: fc.array(letter, { minLength: SIGNALS.length, maxLength: SIGNALS.length }),
  other: fc.nat(20).map((n) => n === 0),
  confirm: fc.integer({ min: 1, max: 3 }),
});
const anyClock = fc.record({
  do: fc.constant('clock' as const),
  kind: fc.constantFrom<ClockSight['kind']>(
    'reminder',
    'ack_ended',
    'silence_ended',
    'incident',
    'removed',
    'expired',
  ),
  which: fc.nat(5),
  hours: fc.nat(23),
});
const anyPerson = fc.record({
  do: fc.constant('person' as const),
  kind: fc.constantFrom<EpisodeAction['kind']>('ack', 'unack', 'comment', 'accept', 'close'),
  which: fc.nat(5),
});

/** Nights mostly, and now and then a word of the clock or of somebody. */
export const anyStory: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: anyNight },
    { weight: 1, arbitrary: anyClock },
    { weight: 1, arbitrary: anyPerson },
  ),
  { minLength: 1, maxLength: 60 },
);

/** What came of a story, told one happening after the other. */
export interface Lived {
  readonly records: readonly SightRecord[];
  readonly episodes: readonly Episode[];
  readonly events: readonly EpisodeEvent[];
  readonly notices: readonly { readonly kind: NoticeKind; readonly event: EpisodeEvent }[];
}

/** Lives a story as passes do: a record for each happening, kept only if it changed something. */
export function live(happenings: readonly Happening[]): Lived {
  const newest = new Map<string, Episode>();
  const all = new Map<string, Episode>();
  const records: SightRecord[] = [];
  const events: EpisodeEvent[] = [];
  const notices: Lived['notices'][number][] = [];
  let nights = 0;
  for (const happening of happenings) {
    if (happening.do === 'night') nights += 1;
    const inputs = inputsOf(happening, nights, [...newest.values()]);
    const record = { seq: records.length + 1, inputs };
    const step = applyRecord([...newest.values()], record, EPISODE_SETTINGS);
    if (step.episodes.length === 0) continue;
    records.push(record);
    for (const episode of step.episodes) {
      newest.set(episode.fingerprint, episode);
      all.set(episode.episodeId, episode);
    }
    events.push(...step.events);
    notices.push(...step.notices);
  }
  return { records, episodes: [...all.values()], events, notices };
}

function inputsOf(happening: Happening, nights: number, episodes: readonly Episode[]): EpisodeInput[] {
  if (happening.do === 'night')
    return SIGNALS.map((signal, index) => sightOf(happening, { signal, index, nights }));
  const episode = episodes[happening.which];
  if (episode === undefined) return [];
  const { episodeId } = episode;
  if (happening.do === 'clock') {
    const { kind, hours } = happening;
    return [
      {
        from: 'clock',
        kind,
        episodeId,
        at: night(nights) + hours * 3_600_000,
        incidentId: kind === 'incident' ? 'i' : null,
      },
    ];
  }
  const { kind } = happening;
  const at = night(nights) + 1000;
  const until = kind === 'ack' ? at + 5 * 86_400_000 : null;
  return [
    { from: 'person', actionId: `${kind} ${nights}`, kind, episodeId, at, actor: 'kim', until, note: null },
  ];
}

function sightOf(
  { letters, other, confirm }: Happening & { do: 'night' },
  { signal, index, nights }: { signal: Signal; index: number; nights: number },
): Sight {
  const [known] = story(letters[index]!);
  const { run, ...rest } = known!;
  const place = sight(nights, { value: run.value });
  return {
    ...rest,
    signal,
    run: place.run,
    at: place.at,
    confirmAfter: rest.confirmAfter === null ? null : confirm,
    ...(other ? { configDigest: 'another demand' } : {}),
  };
}
