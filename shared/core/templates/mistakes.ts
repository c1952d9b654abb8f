import { type Problem, show } from '../problem.ts';
import { type Accelerator, acceleratorOf } from './accelerators.ts';
import type { TemplateKind } from './definition.ts';
import { namesIn } from './expansion.ts';
import { labelProblems } from './label-problems.ts';
import { isLabelKey, isObjectName, isSchedule, isVariable, isVolumeName, TEST_LABEL } from './names.ts';
import { OWN_VARIABLES, WRAPPER_VARIABLES } from './variables.ts';
import type { Test } from './whole-test.ts';
import { WRAPPER_MOUNT } from './wrapper.ts';

type Given = Readonly<Record<string, unknown>>;

/** Behind the name of a set: `-`, five letters, `-train-0-`, the Pod's number, `-` and five letters. */
const SET_ENDING = '-abcde-train-0-'.length + '-abcde'.length;
/** What is wrong beyond the shape of single fields; those of a wrong shape are passed over. */
export function mistakesOf(given: Given, kind: TemplateKind): Problem[] {
  return [
    ...words(given),
    ...numbers(given),
    ...timing(given, kind),
    ...containers(given),
    ...labels(given),
    ...variables(given),
    ...wrapping(given),
    ...acceleratorOf(given.accelerator).problems,
  ];
}

/** What is wrong with the whole, once every field has its shape and what hangs on it is known. */
export function mistakesOfWhole(test: Test, kind: TemplateKind): Problem[] {
  const { testName, accelerator, modelDir, definition } = test;
  const wrap = definition.wrap === true;
  const most = longestName(kind, { hosts: accelerator.hosts, wrap });
  const env = definition.env ?? {};
  const names = namesIn(modelDir).filter((name) => Object.hasOwn(env, name));
  const circular = Object.values(env).some((value) => namesIn(value).includes('MODEL_DIR'));
  return problems([
    [
      'testName',
      !isObjectName(testName),
      `must be lower-case letters, digits, "-" and "." with a letter or digit at both ends: current value is ${show(testName)}`,
    ],
    [
      'testName',
      testName.length > most,
      `has ${testName.length} characters; ${KIND_WORDS[kind]} takes at most ${most}: current value is ${show(testName)}`,
    ],
    [
      'testName',
      kind === 'jobSet' && !/^[a-z][^.]*$/.test(testName),
      `must begin with a letter and have no "." where it names a JobSet: current value is ${show(testName)}`,
    ],
    [
      'testName',
      wrap && kind !== 'jobSet' && testName.includes('.'),
      `must have no "." where wrap is true, since its Pods are hosts of that name: current value is ${show(testName)}`,
    ],
    [
      'accelerator',
      accelerator.hosts > 1 && kind !== 'jobSet',
      `${show(accelerator.name)} is shared by ${accelerator.hosts} machines, which only a jobSet starts together`,
    ],
    [
      'modelDir',
      names.length > 0 && circular,
      `uses $(${names[0]}) of env, and env uses $(MODEL_DIR): neither can come first`,
    ],
  ]);
}

/**
 * The longest name that still leaves room for what the controllers put behind it: `-`, five letters and, of the Pod of
 * an index, `-0`. Else five letters take the place of the last ones.
 */
export function longestName(
  kind: TemplateKind,
  { hosts, wrap }: Pick<Accelerator, 'hosts'> & { readonly wrap: boolean },
): number {
  if (kind === 'cronJob') return 52;
  if (kind === 'jobSet') return 63 - SET_ENDING - String(hosts - 1).length;
  return wrap ? 63 - '-abcde-0'.length : 63;
}

const KIND_WORDS: Readonly<Record<TemplateKind, string>> = {
  oneshotJob: 'a Job',
  cronJob: 'a CronJob',
  jobSet: 'a JobSet',
  workflow: 'a Workflow',
};

type Rule = readonly [path: string, isBroken: boolean, message: string];

const problems = (rules: readonly Rule[]): Problem[] =>
  rules.flatMap(([path, isBroken, message]) => (isBroken ? [{ path, message }] : []));

function words(given: Given): Problem[] {
  const parts = ['frameworkPrefix', 'modelName', 'mode', 'frameworkVersion', 'kueueQueue'];
  return parts.flatMap((path) => labelProblems(path, given[path]));
}

function numbers(given: Given): Problem[] {
  const least = { timeout: 1, retries: 0, ttlSecondsAfterFinished: 86_400, startingDeadlineSeconds: 10 };
  const most = 2_147_483_647;
  return Object.entries(least).flatMap(([path, smallest]) => {
    const value = given[path];
    const isRight =
      typeof value !== 'number' || (Number.isInteger(value) && value >= smallest && value <= most);
    const message = `must be a whole number from ${smallest} to ${most}: current value is ${show(value)}`;
    return isRight ? [] : [{ path, message }];
  });
}

const POLICIES = ['Allow', 'Forbid', 'Replace'];

function timing(
  { schedule, timeZone, concurrencyPolicy: policy, zone, region }: Given,
  kind: TemplateKind,
): Problem[] {
  const isText = typeof schedule === 'string';
  return problems([
    [
      'schedule',
      schedule === undefined && kind === 'cronJob',
      'is missing; a CronJob wants five fields of cron, such as "0 2 * * *"',
    ],
    [
      'schedule',
      isText && !isSchedule(schedule),
      `must be five fields of cron, or @hourly, @daily, @weekly, @monthly or @yearly; a zone is timeZone's: current value is ${show(schedule)}`,
    ],
    [
      'timeZone',
      timeZone === '' || timeZone === 'Local',
      `must be a name of the time zone database, such as "Europe/Zurich": current value is ${show(timeZone)}`,
    ],
    [
      'concurrencyPolicy',
      typeof policy === 'string' && !POLICIES.includes(policy),
      `must be one of ${POLICIES.join(', ')}: current value is ${show(policy)}`,
    ],
    [
      'zone',
      zone !== undefined && region !== undefined,
      'does not go with region: a cluster has one or the other',
    ],
  ]);
}

function containers({ image, imageTag, command, volumes }: Given): Problem[] {
  const hasDigest = typeof image === 'string' && image.includes('@');
  return [
    ...problems([
      ['image', image === '', 'must not be empty'],
      [
        'imageTag',
        hasDigest && typeof imageTag === 'string',
        'does not go with an image that is named by its digest',
      ],
      ['command', Array.isArray(command) && command.length === 0, 'must have at least one argument'],
    ]),
    ...entries(volumes).flatMap(([name, volume]) => {
      const mountPath = (volume as Given | null)?.mountPath;
      return problems([
        [
          `volumes.${name}`,
          !isVolumeName(name),
          'must be at most 63 lower-case letters, digits and "-", a letter or digit at both ends',
        ],
        [
          `volumes.${name}.mountPath`,
          typeof mountPath === 'string' && !mountPath.startsWith('/'),
          `must begin with "/": current value is ${show(mountPath)}`,
        ],
      ]);
    }),
  ];
}

function labels(given: Given): Problem[] {
  const wanted =
    'is no label key: a name of at most 63 characters, in front of it a domain and "/" if needed';
  return entries(given.labels).flatMap(([key, value]) => [
    ...problems([
      [`labels.${key}`, !isLabelKey(key), wanted],
      [`labels.${key}`, key === TEST_LABEL, 'is set by the template'],
    ]),
    ...labelProblems(`labels.${key}`, value, true),
  ]);
}

function variables(given: Given): Problem[] {
  const own = given.wrap === true ? [...OWN_VARIABLES, ...WRAPPER_VARIABLES] : OWN_VARIABLES;
  return entries(given.env).flatMap(([name]) =>
    problems([
      [
        `env.${name}`,
        !isVariable(name),
        'is no name of a variable: letters, digits, "_", "." and "-", no digit first',
      ],
      [`env.${name}`, own.includes(name), 'is set by the template'],
    ]),
  );
}

function wrapping({ wrap, publisherImage, volumes, entrypoint, command }: Given): Problem[] {
  if (wrap !== true) return [];
  const { name: ownName, mountPath: ownPath } = WRAPPER_MOUNT;
  const pathOf = (volume: unknown) => (volume as Given | null)?.mountPath;
  const first = Array.isArray(command) ? command[0] : undefined;
  const isFlag = typeof first === 'string' && first.startsWith('-');
  const isOwn = (path: unknown) => typeof path === 'string' && path.replace(/\/+$/, '') === ownPath;
  return problems([
    ['wrap', publisherImage == null, 'needs a publisherImage: that image brings the wrapper'],
    [
      'entrypoint',
      entrypoint === undefined && isFlag,
      `is missing: with wrap the image's own is not started, and the command begins with a flag: current value is ${show(first)}`,
    ],
    ...entries(volumes).flatMap(([name, volume]): Rule[] => [
      [`volumes.${name}`, name === ownName, 'is the name of the volume that wrap adds'],
      [
        `volumes.${name}.mountPath`,
        isOwn(pathOf(volume)),
        `is where wrap puts its volume: current value is ${show(pathOf(volume))}`,
      ],
    ]),
  ]);
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
