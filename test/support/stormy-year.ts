import { mkdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { TestConfig } from '../../shared/core/schema/test-config.ts';
import { simulatedYear } from '../bench/alerts/year.ts';
import { type Random, random } from '../bench/judge/random.ts';
import { countEffects } from './effects.ts';
import { again, day, finished, HOUR, type Message, MINUTE, named } from './messages.ts';
import type { Scenario } from './scenario.ts';
import { dump, everythingIn, placesIn, publishInto, REBUILT, tickIn } from './state-folder.ts';

/** How large a year is, and what makes it the same again. */
export interface YearSizes {
  readonly series: number;
  readonly runs: number;
  readonly seed: number;
}

/** Nights of several tests, each with one drop of 60 runs; half of the tests are judged by each of two rules. */
export interface StormyYear {
  readonly nights: readonly (readonly Message[])[];
  readonly scenario: Scenario;
}

const RULES: readonly TestConfig['regression_test_config'][] = [
  { metric_success_conditions: { speed: { comparison: 'greater', success_threshold: { auto: {} } } } },
  {
    metric_success_conditions: {
      speed: {
        ...{ comparison: 'greater', success_threshold: { stddevs_from_mean: 3 } },
        ...{ wait_for_n_points_of_history: 10, confirm_n: 2 },
      },
    },
  },
];

export function stormyYear({ series, runs, seed }: YearSizes): StormyYear {
  const year = simulatedYear({ series, runs, seed, size: 6.7 });
  const nameOf = (n: number) => `nightly-${n}`;
  const nights = Array.from({ length: runs }, (_, night) =>
    year.map(({ values }, n) =>
      finished(
        { test: nameOf(n), run: `${nameOf(n)}-${night}`, at: day(night + 1, 2) + n * MINUTE },
        'success',
        { metrics: named({ speed: values[night]! }) },
      ),
    ),
  );
  const tests = year.map((_, n): [string, TestConfig] => {
    const rule = RULES[n % RULES.length];
    return [nameOf(n), { owner: `owner-${n % 3}@example.com`, regression_test_config: rule }];
  });
  const scenario = { messages: [], tests: Object.fromEntries(tests), files: {}, end: day(runs + 1) };
  return { nights, scenario };
}

/** Every message once and in order, a tick a night that nothing disturbs. */
export async function playCalm(folder: string, { nights, scenario }: StormyYear): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const [night, messages] of nights.entries()) {
    publishInto(folder, messages);
    await tickIn(folder, scenario, { now: day(night + 1, 12), reminders: true });
  }
}

/** Every message one to three times and in any order of its night; ticks die anywhere, and are begun again. */
export async function playStorm(
  folder: string,
  { nights, scenario }: StormyYear,
  { seed }: { readonly seed: number },
): Promise<{ readonly deaths: number; readonly deliveries: number }> {
  mkdirSync(folder, { recursive: true });
  const chance = random(seed);
  let [deaths, deliveries] = [0, 0];
  for (const [night, messages] of nights.entries()) {
    const sent = shuffled(
      messages.flatMap((message) => copiesOf(message, chance)),
      chance,
    );
    deliveries += sent.length;
    publishInto(folder, sent);
    const now = day(night + 1, 12);
    while (await dies(folder, scenario, { now, chance })) deaths += 1;
    await tickIn(folder, scenario, { now, reminders: true });
  }
  return { deaths, deliveries };
}

function copiesOf(message: Message, chance: Random): Message[] {
  return Array.from({ length: chance.whole(1, 3) }, (_, n) => (n === 0 ? message : again(message, n * HOUR)));
}

function shuffled<T>(items: readonly T[], chance: Random): T[] {
  const keyed = items.map((item) => ({ item, key: chance.uniform() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

/** A tick that may die at one of its first effects; answers whether it did. */
async function dies(
  folder: string,
  scenario: Scenario,
  { now, chance }: { readonly now: number; readonly chance: Random },
): Promise<boolean> {
  if (chance.uniform() < 0.4) return false;
  const death = { at: chance.whole(1, 90), when: chance.pick(['before', 'after'] as const) };
  const effects = countEffects(death);
  try {
    await tickIn(folder, scenario, { now, effects, reminders: true });
    return false;
  } catch (error) {
    if (effects.done.length < death.at) throw error;
    return true;
  }
}

/** What two ways through a year have to have in common. */
export function heritageOf(folder: string) {
  const tables = dump(folder, { ...REBUILT, alerts: 'id' });
  const mails = new Map(everythingIn(folder).mails.map(({ name, text }) => [name, text]));
  return { tables, mails };
}

/** Keys of mails that must not come twice and of which nobody knows whether they came: a death took them. */
export function takenMails(folder: string): string[] {
  const database = new DatabaseSync(placesIn(folder).database, { readOnly: true });
  try {
    return database
      .prepare(
        `SELECT message_key FROM alert_outbox WHERE status = 'uncertain' AND at_most_once = 1 ORDER BY message_key`,
      )
      .all()
      .map(({ message_key }) => String(message_key));
  } finally {
    database.close();
  }
}
