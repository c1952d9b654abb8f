import { SEVERITIES } from '../episodes/episode.ts';
import { nearest } from '../nearest.ts';
import type { TestConfig } from '../schema/test-config.ts';
import { configLabels } from './matcher.ts';
import type { DeliveryPolicy } from './policy.ts';
import { recipientsOf } from './recipients.ts';

/** One of each kind; a route may ask for metrics by name, so a name stands for those that none asks for. */
const SIGNALS = ['job', 'metric:any', 'infra', 'schedule'] as const;
/** What is for information makes no mail anyway. */
const LOUD = SEVERITIES.filter((severity) => severity !== 'info');

/** Kinds of alerts of a test of which nobody would hear, by what the config alone says: all, some, or none. */
export function unheardSignals(
  testName: string,
  test: TestConfig | undefined,
  policy: DeliveryPolicy,
): { readonly all: boolean; readonly signals: readonly string[] } {
  const labels = configLabels(test);
  const isHeard = (signal: string) =>
    LOUD.some(
      (severity) => recipientsOf({ testName, signal, severity, labels }, { policy, test }).length > 0,
    );
  const unheard = SIGNALS.filter((signal) => !isHeard(signal));
  return {
    all: unheard.length === SIGNALS.length,
    signals: unheard.map((signal) => signal.replace('metric:any', 'metrics')),
  };
}

/** Labels that routes ask for and no test of the config has, with the one that was probably meant. */
export function strangeLabels(
  tests: ReadonlyMap<string, TestConfig>,
  { routes }: Pick<DeliveryPolicy, 'routes'>,
): { readonly route: number; readonly label: string; readonly meant: string | null }[] {
  const known = new Set([...tests.values()].flatMap((test) => Object.keys(configLabels(test))));
  return routes.flatMap(({ labels }, route) =>
    [...labels.keys()]
      .filter((label) => !known.has(label))
      .map((label) => ({ route, label, meant: nearest(label, [...known]) })),
  );
}
