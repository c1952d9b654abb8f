import type { GivenConfig } from '../shared/core/given-config.ts';
import { check, problemText } from '../shared/core/problem.ts';
import type { Environment } from '../shared/core/run-identity.ts';
import { MetricConfig } from '../shared/core/schema/test-config.ts';

/** What cannot be done without each of the variables. */
const NEEDED = [
  ['MODEL_DIR', 'no metrics can be collected'],
  ['JOB_NAME', 'nobody knows which Job this is'],
  ['METRIC_CONFIG', 'nobody knows which test this is'],
] as const;
const WANTED = [
  ['POD_NAMESPACE', 'Kubernetes cannot be asked how the Job ended'],
  ['CLUSTER', 'Kubernetes cannot be asked how the Job ended'],
  ['JOB_UID', 'another Job of the same name is told apart by its time alone'],
] as const;

const unset = (env: Environment, name: string) => (env[name] ?? '').trim() === '';

/** A sentence for each variable that is not set. `missing`: of those that nothing works without. */
export function variableComplaints(env: Environment): { missing: string[]; wanting: string[] } {
  const sentences = (table: readonly (readonly [string, string])[]) =>
    table.filter(([name]) => unset(env, name)).map(([name, so]) => `${name} is not set: ${so}`);
  return { missing: sentences(NEEDED), wanting: sentences(WANTED) };
}

/** Every mistake in METRIC_CONFIG, found by the schema that the reader of the message uses. */
export function configComplaints(config: GivenConfig | null): string[] {
  if (config === null) return [];
  if (config.error !== undefined) return [config.error];
  const checked = check(MetricConfig, config.given);
  const problems = checked.ok ? [] : checked.problems.map(problemText);
  const unnamed = config.given.test_name ? [] : ['test_name: is missing: nobody knows which test this is'];
  return [...problems, ...unnamed].map((problem) => `METRIC_CONFIG: ${problem}`);
}

/** Why a body is too large for its readers: its size, and which variables make it so. */
export function sizeComplaint(bytes: number, env: Environment): string {
  const largest = Object.entries(env)
    .map(([name, value]) => ({ name, bytes: Buffer.byteLength(value ?? '') }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, 3)
    .map(({ name, bytes: size }) => `${name} ${size}`);
  return `The message has ${bytes} bytes, and readers set aside what is over 1 MiB. Largest variables, in bytes: ${largest.join(', ')}`;
}
