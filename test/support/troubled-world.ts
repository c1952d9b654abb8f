import type { DeliveryPolicy } from '../../shared/core/delivery/policy.ts';
import { isOfTidemark } from '../../shared/core/episodes/tidemark-itself.ts';
import type { TestConfig } from '../../shared/core/schema/test-config.ts';
import { type TickOptions, tick } from '../../shared/pipeline/tick.ts';
import { PortError } from '../../shared/ports/error.ts';
import { day, type Message, MINUTE } from './messages.ts';
import { makeWorld, settingsOf, type World } from './world.ts';

/** A world whose queue and event files can be taken away, with a tick every quarter of an hour. */
export interface TroubledWorld extends World {
  /** What pulling from the queue throws; null: it works. */
  queueError: Error | null;
  /** What listing event files throws; null: it works. */
  filesError: Error | null;
  /** One tick; of one that fails because of the queue what it threw. */
  quarter(...messages: readonly Message[]): Promise<unknown>;
  /** The same tick again, as a scheduler does that heard of no success. */
  again(): Promise<unknown>;
  /** One tick whose time is up before it has begun to work. */
  cutShort(): Promise<unknown>;
  /** State, and once it is over how, of every incident of Tidemark itself. */
  incidents(): Promise<string[]>;
}

export const FALLBACK = 'ml@example.com';

/** Owner of the tests of a troubled world. */
export const OWNED: TestConfig = { owner: 'owner@example.com' };

export function troubledWorld(
  policy: Partial<DeliveryPolicy> = {},
  tests: Readonly<Record<string, TestConfig>> = { nightly: OWNED },
): TroubledWorld {
  const world = makeWorld(settingsOf(tests, { policy: { fallback: [FALLBACK], ...policy } }));
  const { queue, eventFiles, history } = world.ports;
  const [pull, list] = [queue.pull, eventFiles.list];
  let now = day(1);
  const attempt = async (at: number, options: TickOptions, messages: readonly Message[] = []) => {
    for (const { body, name, publishTime } of messages) await queue.publish(body, name, { publishTime });
    const ports = { ...world.ports, clock: { now: () => at } };
    const tickId = `tick ${(now - day(1)) / MINUTE}`;
    return tick(ports, troubled.settings, { tickId, ...options }).catch((error: unknown) => error);
  };
  const troubled: TroubledWorld = {
    ...world,
    queueError: null,
    filesError: null,
    quarter: (...messages) => {
      now += 15 * MINUTE;
      return attempt(now, {}, messages);
    },
    again: () => attempt(now + MINUTE, {}),
    cutShort: () => {
      now += 15 * MINUTE;
      const work = AbortSignal.abort();
      return attempt(now, { budget: { work, mails: new AbortController().signal } });
    },
    incidents: async () => {
      const episodes = (await history.episodes({})).filter(isOfTidemark);
      return episodes.map(({ state, closedReason }) => closedReason ?? state);
    },
  };
  queue.pull = async (max) => {
    if (troubled.queueError !== null) throw troubled.queueError;
    return pull(max);
  };
  eventFiles.list = async (place) => {
    if (troubled.filesError !== null) throw troubled.filesError;
    return list(place);
  };
  return troubled;
}

/** A queue that does not answer. */
export function away(): PortError {
  return new PortError(
    'unavailable',
    'Cannot pull from projects/p/subscriptions/s: there was no answer in time',
  );
}
