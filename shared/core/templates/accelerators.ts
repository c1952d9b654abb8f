import table from '../../../infra/jsonnet/templates/accelerators.json' with { type: 'json' };
import { isObject } from '../json.ts';
import { nearest } from '../nearest.ts';
import type { Problem } from '../problem.ts';
import { check, show } from '../problem.ts';
import { AcceleratorSettings } from './definition.ts';
import { labelProblems } from './label-problems.ts';

/** What a Pod asks for to get an accelerator. */
export interface Accelerator {
  readonly name: string;
  readonly type: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Of the training container, by resource. */
  readonly limits: Readonly<Record<string, string>>;
  /** Machines that share it; each runs one Pod. */
  readonly hosts: number;
}

/** The accelerators that go by a name: the CPU, GPUs and TPU slices of GKE. */
export const ACCELERATORS: Readonly<Record<string, Omit<Accelerator, 'name'>>> = table;

/** The accelerator of a definition: by name, or as settings; and what is wrong with it. */
export function acceleratorOf(given: unknown): {
  readonly accelerator: Accelerator | null;
  readonly problems: readonly Problem[];
} {
  if (typeof given === 'string') return byName(given);
  if (!isObject(given)) return { accelerator: null, problems: [unlike(given)] };
  const checked = check(AcceleratorSettings, given);
  if (checked.ok) return completed(checked.value);
  const problems = checked.problems.map(({ path, message }) => ({ path: `accelerator.${path}`, message }));
  return { accelerator: null, problems };
}

function byName(name: string) {
  const found = Object.hasOwn(ACCELERATORS, name) ? ACCELERATORS[name] : undefined;
  if (found !== undefined) return { accelerator: { name, ...found }, problems: [] };
  const close = nearest(name, Object.keys(ACCELERATORS));
  const hint = close === null ? '' : `; did you mean "${close}"?`;
  const message = `is no known accelerator: current value is ${show(name)}${hint}`;
  return { accelerator: null, problems: [{ path: 'accelerator', message }] };
}

function unlike(given: unknown): Problem {
  const message =
    given === undefined
      ? 'is missing; wanted string'
      : `must be string, or object: current value is ${show(given)}`;
  return { path: 'accelerator', message };
}

const MOST_HOSTS = 100_000;

function completed({ name, type, nodeSelector = {}, limits = {}, hosts = 1 }: AcceleratorSettings) {
  const isWhole = Number.isInteger(hosts) && hosts >= 1 && hosts <= MOST_HOSTS;
  const wanted = `must be a whole number from 1 to ${MOST_HOSTS}: current value is ${show(hosts)}`;
  const problems = [
    ...(isWhole ? [] : [{ path: 'accelerator.hosts', message: wanted }]),
    ...labelProblems('accelerator.name', name),
  ];
  const accelerator = { name, type, nodeSelector, limits, hosts };
  return { accelerator: problems.length === 0 ? accelerator : null, problems };
}
