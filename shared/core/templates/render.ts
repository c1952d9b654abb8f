import { isObject } from '../json.ts';
import { type Checked, check, type Problem } from '../problem.ts';
import { MessageConfig } from '../schema/test-config.ts';
import { acceleratorOf } from './accelerators.ts';
import { type TemplateKind, TestDefinition } from './definition.ts';
import { mistakesOf, mistakesOfWhole } from './mistakes.ts';
import { templateObject } from './objects.ts';
import type { Part } from './pod.ts';
import { sizeMistakes } from './sizes.ts';
import { testOf } from './whole-test.ts';

/**
 * Makes a complete Kubernetes object of a test's definition: a Job, CronJob, JobSet or Argo Workflow. Answers
 * with every mistake at once where there is any; what it makes of a definition depends on nothing else.
 */
export function renderTemplate(definition: unknown, kind: TemplateKind): Checked<Part> {
  const shape = check(TestDefinition, definition);
  const given = isObject(definition) ? definition : {};
  const found = [...(shape.ok ? [] : shape.problems), ...mistakesOf(given, kind), ...configMistakes(given)];
  const { accelerator } = acceleratorOf(given.accelerator);
  if (!shape.ok || accelerator === null) return { ok: false, problems: withoutMisspelt(found) };
  const test = testOf(shape.value, accelerator);
  const problems = [
    ...found,
    ...mistakesOfWhole(test, kind),
    ...sizeMistakes(test),
    ...argoMistakes(test, kind),
  ];
  return problems.length === 0
    ? { ok: true, value: templateObject(kind, test) }
    : { ok: false, problems: withoutMisspelt(problems) };
}

/** A field that is there under a misspelt name is one mistake, not two. */
function withoutMisspelt(problems: readonly Problem[]): Problem[] {
  const isMeant = ({ path }: Problem) =>
    problems.some((other) => !other.path.includes('.') && other.message.endsWith(`did you mean "${path}"?`));
  return problems.filter((problem) => !(problem.message.startsWith('is missing') && isMeant(problem)));
}

const CONFIG_KEYS = {
  metric_collection_config: 'metricCollectionConfig',
  regression_test_config: 'regressionTestConfig',
} as const;

/** A rule that every tick would refuse is refused here already. */
function configMistakes(given: Readonly<Record<string, unknown>>): Problem[] {
  const config = Object.fromEntries(Object.entries(CONFIG_KEYS).map(([key, field]) => [key, given[field]]));
  const checked = check(MessageConfig, config);
  if (checked.ok) return [];
  return checked.problems
    .filter(({ path }) => path.includes('.'))
    .map(({ path, message }) => {
      const [key = '', ...rest] = path.split('.');
      return { path: [CONFIG_KEYS[key as keyof typeof CONFIG_KEYS], ...rest].join('.'), message };
    });
}

/** Argo replaces `{{…}}` in everything it is given and knows no way to write it. */
function argoMistakes(test: ReturnType<typeof testOf>, kind: TemplateKind): Problem[] {
  const hasBraces = kind === 'workflow' && JSON.stringify(test).includes('{{');
  return hasBraces
    ? [{ path: '', message: 'holds "{{", which Argo would replace: a Workflow cannot have it' }]
    : [];
}
