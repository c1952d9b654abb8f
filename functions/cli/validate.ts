import { policyOf } from '../../shared/core/delivery/policy-of.ts';
import { strangeLabels, unheardSignals } from '../../shared/core/delivery/reach.ts';
import { guessGood } from '../../shared/core/judging/direction.ts';
import type { ConfigFile } from '../../shared/core/schema/config.ts';
import type { TestConfig } from '../../shared/core/schema/test-config.ts';
import { type AnyConfig, readAnyConfig } from '../config-file.ts';
import { oneLine, type Terminal } from './io.ts';

export interface ValidateFlags {
  readonly json?: boolean;
}

/** Checks a config file, or the METRIC_CONFIG of one test, and tells every mistake at once. Exits 2 with any. */
export async function validateCommand(
  path: string,
  flags: ValidateFlags,
  terminal: Terminal,
): Promise<number> {
  const read = readAnyConfig(path);
  const problems = read.ok
    ? []
    : read.problems.map(({ path: at, line, message }) => ({ path: at, line, message }));
  if (flags.json) {
    terminal.out(`${JSON.stringify({ valid: read.ok, problems })}\n`);
    return read.ok ? 0 : 2;
  }
  if (read.ok) {
    terminal.out(`${oneLine(path)} is valid: ${describe(read.value)}.\n`);
    for (const hint of hintsFor(read.value)) terminal.out(`${oneLine(hint)}\n`);
    return 0;
  }
  for (const { text } of read.problems) terminal.err(`${oneLine(text)}\n`);
  const count = read.problems.length;
  terminal.err(`${oneLine(path)} has ${count} problem${count === 1 ? '' : 's'}.\n`);
  return 2;
}

function isConfigFile(config: AnyConfig): config is ConfigFile {
  return !(
    'metric_collection_config' in config ||
    'regression_test_config' in config ||
    'sources' in config ||
    'test_name' in config
  );
}

function describe(config: AnyConfig): string {
  if (!isConfigFile(config)) return `a METRIC_CONFIG with ${conditions(config)}`;
  const tests = Object.values(config.tests ?? {});
  const total = tests.reduce((sum, test) => sum + conditionCount(test), 0);
  return `${tests.length} test${tests.length === 1 ? '' : 's'}, ${total} condition${total === 1 ? '' : 's'}`;
}

function conditions(config: Pick<TestConfig, 'regression_test_config'>): string {
  const count = conditionCount(config);
  return `${count} condition${count === 1 ? '' : 's'}`;
}

function conditionCount(test: Pick<TestConfig, 'regression_test_config'> | null): number {
  const named = Object.values(test?.regression_test_config?.metric_success_conditions ?? {});
  return named.filter((condition) => condition !== null).length;
}

/** What is allowed and still probably not meant. */
function hintsFor(config: AnyConfig): string[] {
  const tests: [string, TestConfig | null][] = isConfigFile(config)
    ? Object.entries(config.tests ?? {})
    : [['this config', config as TestConfig]];
  const guessed = tests.flatMap(([name, test]) =>
    guesses(test).map((guess) => `note: test "${name}": ${guess}`),
  );
  return isConfigFile(config) ? [...deliveryHints(config), ...guessed] : guessed;
}

/** Who would hear of nothing, and routes that ask for what no test has. */
function deliveryHints({ tests = {}, alerting }: ConfigFile): string[] {
  const policy = policyOf(alerting);
  const named = new Map(Object.entries(tests).map(([name, test]) => [name, test ?? {}]));
  const unheard = [...named].flatMap(([name, test]) => {
    const { all, signals } = unheardSignals(name, test, policy);
    if (signals.length === 0) return [];
    return all
      ? [`note: test "${name}" has no owner and alerting.fallback is empty: nobody will be mailed`]
      : [
          `note: nobody will hear of ${signals.join(', ')} of test "${name}": it has no owner, and no route takes them`,
        ];
  });
  const strange = strangeLabels(named, policy).map(({ route, label, meant }) => {
    const hint = meant === null ? '' : `; did you mean "${meant}"?`;
    return `note: alerting.routes.${route}: no test of this file has a label "${label}", so it takes only runs whose messages bring it${hint}`;
  });
  return [...unheard, ...strange];
}

/** Which direction the recommended rule takes for good where the condition does not say. */
function guesses(test: TestConfig | null): string[] {
  const named = Object.entries(test?.regression_test_config?.metric_success_conditions ?? {});
  return named.flatMap(([metric, condition]) => {
    if (condition?.success_threshold.auto === undefined || condition.comparison !== undefined) return [];
    const good = guessGood(metric);
    return good === null
      ? [`${metric} has no comparison and its name tells no good direction: any change counts as worse`]
      : [`${metric} has no comparison; going by its name, ${good} is better`];
  });
}
