import * as fc from 'fast-check';
import { again, day, type Message } from './messages.ts';
import type { Scenario } from './scenario.ts';
import { makeWorld, plainQueue, refusals, settingsOf, tablesOf } from './world.ts';

/** One pass: what has arrived since the one before, in order of arrival, and the time. */
export interface Pass {
  readonly now: number;
  readonly messages: readonly Message[];
}

/** When each message arrives: in which pass, and where in it. `later`: a repetition, published again. */
export interface Schedule {
  readonly first: readonly Arrival[];
  readonly repeated: readonly (Arrival & { readonly message: number; readonly later: boolean })[];
  /** The moments of all passes but the last as shares of the time until the end. */
  readonly moments: readonly number[];
}

interface Arrival {
  readonly pass: number;
  readonly place: number;
}

const PASSES = 5;

export function schedules(messages: number): fc.Arbitrary<Schedule> {
  const arrival = { pass: fc.nat(PASSES - 1), place: fc.nat(999) };
  return fc.record({
    first: fc.array(fc.record(arrival), { minLength: messages, maxLength: messages }),
    repeated: fc.array(fc.record({ ...arrival, message: fc.nat(messages - 1), later: fc.boolean() }), {
      maxLength: 20,
    }),
    moments: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
      minLength: PASSES - 1,
      maxLength: PASSES - 1,
    }),
  });
}

/** The passes of a schedule, the last one at the end: what is inferred needs the clock to have passed it. */
export function deliveriesOf({ messages, end }: Scenario, schedule: Schedule): Pass[] {
  const { first, repeated, moments } = schedule;
  const arrivals = [
    ...first.map((arrival, index) => ({ ...arrival, message: messages[index]! })),
    ...repeated.map(({ message, later, ...arrival }) => {
      const repetition = messages[message]!;
      return { ...arrival, message: later ? again(repetition) : repetition };
    }),
  ].sort((a, b) => a.place - b.place);
  return [...moments.toSorted((a, b) => a - b), 1].map((share, pass) => ({
    now: Math.round(day(1) + share * (end - day(1))),
    messages: arrivals.filter((arrival) => arrival.pass === pass).map(({ message }) => message),
  }));
}

/** What a scenario comes to in memory. */
export async function playInMemory({ tests, files }: Scenario, passes: readonly Pass[]) {
  const world = makeWorld(settingsOf(tests), { files, queue: plainQueue() });
  for (const { now, messages } of passes) await world.tickAt(now, ...messages);
  return {
    tables: tablesOf(world.store),
    refusals: await refusals(world.ports.history),
    open: (await world.ports.history.openRuns()).map(({ runId }) => runId),
    errors: world.log.words.filter(({ message }) => message.startsWith('Cannot judge')),
  };
}
