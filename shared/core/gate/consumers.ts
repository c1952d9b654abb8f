/** What a gate is put in front of. */
export const CONSUMERS = ['argo-rollouts', 'argo-workflows', 'flagger', 'ecs', 'github'] as const;
/** One of them. */
export type Consumer = (typeof CONSUMERS)[number];

/** What a consumer asks its gate. */
export interface GateSettings {
  readonly test: string;
  /** Where the gate answers, without a path. */
  readonly url: string;
  readonly baseline: string | null;
  readonly policy: string | null;
}

/** What to give to a consumer: objects for YAML, or a text in its own language. */
export type ConsumerConfig = { readonly objects: readonly object[] } | { readonly text: string };

const POLL_SECONDS = 30;
const POLLS = 20;

/** The configuration of a consumer; every answer but `pass` stops it, and `pending` is asked again. */
export function consumerConfig(consumer: Consumer, settings: GateSettings): ConsumerConfig {
  switch (consumer) {
    case 'argo-rollouts':
      return { objects: [analysisTemplate(settings)] };
    case 'argo-workflows':
      return { objects: [workflowTemplate(settings)] };
    case 'flagger':
      return { objects: [flaggerAnalysis(settings)] };
    case 'ecs':
      return { text: ecsHook(settings) };
    case 'github':
      return { objects: [githubStep(settings)] };
  }
}

/** A query whose version is put in by the consumer, in its own notation. */
function questionUrl(
  { url, test, baseline, policy }: GateSettings,
  { path, version }: { path: string; version: string },
): string {
  const given = { test, baseline, policy };
  const query = Object.entries(given).flatMap(([name, value]) =>
    value === null ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return `${url.replace(/\/+$/, '')}${path}?${[...query, `version=${version}`].join('&')}`;
}

/**
 * Argo Rollouts. When `count` is reached it takes no notice of inconclusive measurements, so that without
 * `consecutiveSuccessLimit: 1` (1.8 or newer) polls that were all pending would promote.
 */
function analysisTemplate(settings: GateSettings): object {
  const header = { key: 'Authorization', value: 'Bearer {{args.token}}' };
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisTemplate',
    metadata: { name: 'tidemark-gate' },
    spec: {
      args: [
        { name: 'version' },
        { name: 'token', valueFrom: { secretKeyRef: { name: 'tidemark-gate', key: 'token' } } },
      ],
      metrics: [
        {
          name: 'verdict',
          interval: `${POLL_SECONDS}s`,
          count: POLLS,
          inconclusiveLimit: POLLS,
          consecutiveSuccessLimit: 1,
          failureLimit: 0,
          successCondition: 'result == "pass"',
          failureCondition: 'result == "fail"',
          provider: {
            web: {
              url: questionUrl(settings, { path: '/v1/verdict', version: '{{args.version}}' }),
              timeoutSeconds: 10,
              headers: [header],
              jsonPath: '{$.verdict}',
            },
          },
        },
      ],
    },
  };
}

/** The words of a command, with the version from a variable of the environment, so that no text of it is run. */
function verdictCommand({ test, baseline, policy }: GateSettings, more: readonly string[]): string {
  const flags = [
    ...(baseline === null ? [] : ['--baseline', quoted(baseline)]),
    ...(policy === null ? [] : ['--policy', quoted(policy)]),
  ];
  return ['tidemark verdict', quoted(test), '--version "$VERSION"', ...flags, ...more].join(' ');
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function workflowTemplate(settings: GateSettings): object {
  const version = { name: 'VERSION', value: '{{workflow.parameters.model-version}}' };
  const verdict = "'{{steps.gate.outputs.parameters.verdict}}'";
  const gate = {
    name: 'verdict',
    // Exit code 4: still pending.
    retryStrategy: { limit: '10', expression: 'asInt(lastRetry.exitCode) == 4' },
    outputs: { parameters: [{ name: 'verdict', valueFrom: { path: '/tmp/verdict' } }] },
    container: {
      image: 'tidemark',
      command: ['sh', '-c'],
      // `when` compares the word, and a line break would be part of it.
      args: [
        `${verdictCommand(settings, ['--wait 5m', '--soft', '--out /tmp/word'])}; code=$?; tr -d '\\n' </tmp/word >/tmp/verdict; exit $code`,
      ],
      env: [version],
    },
  };
  const refuse = {
    name: 'refuse',
    container: {
      image: 'tidemark',
      command: ['sh', '-c'],
      args: [verdictCommand(settings, [])],
      env: [version],
    },
  };
  // To be replaced by whoever promotes: moving an alias, applying a manifest.
  const promote = {
    name: 'promote-model',
    container: { image: 'busybox', command: ['sh', '-c'], args: ['echo "promote $VERSION"'], env: [version] },
  };
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'WorkflowTemplate',
    metadata: { name: 'gate-and-promote' },
    spec: {
      entrypoint: 'main',
      arguments: { parameters: [{ name: 'model-version' }] },
      templates: [
        {
          name: 'main',
          steps: [
            [{ name: 'gate', template: 'verdict' }],
            [
              { name: 'promote', template: 'promote-model', when: `${verdict} == 'pass'` },
              { name: 'refuse', template: 'refuse', when: `${verdict} != 'pass'` },
            ],
          ],
        },
        gate,
        promote,
        refuse,
      ],
    },
  };
}

/** The part `spec.analysis` of a Canary. Flagger sends no headers, so a proxy beside it has to add the token. */
function flaggerAnalysis(settings: GateSettings): object {
  const { test, baseline, policy, url } = settings;
  const metadata = {
    test,
    version: 'VERSION',
    ...(baseline === null ? {} : { baseline }),
    ...(policy === null ? {} : { policy }),
  };
  const gate = `${url.replace(/\/+$/, '')}/v1/gate`;
  return {
    analysis: {
      webhooks: [
        { name: 'tidemark-promote', type: 'confirm-promotion', url: gate, timeout: '15s', metadata },
        { name: 'tidemark-rollback', type: 'rollback', url: `${gate}?when=fail`, timeout: '15s', metadata },
      ],
    },
  };
}

function githubStep({ test, baseline, policy }: GateSettings): object {
  const env = {
    TEST: test,
    VERSION: `\${{ inputs.version }}`,
    BASELINE: baseline ?? '',
    POLICY: policy ?? '',
  };
  const flags = [
    ...(baseline === null ? [] : ['--baseline "$BASELINE"']),
    ...(policy === null ? [] : ['--policy "$POLICY"']),
  ];
  const run = ['tidemark verdict "$TEST" --version "$VERSION"', ...flags, '--wait 15m --format github'].join(
    ' ',
  );
  return { name: 'Tidemark', id: 'tidemark', run, env };
}

/** A Lambda of Node 22 or newer as lifecycle hook of a deployment of ECS: its answer is `hookStatus`. */
function ecsHook(settings: GateSettings): string {
  const url = questionUrl(settings, { path: '/v1/verdict', version: '' });
  return `// Lifecycle hook of an ECS deployment. GATE_TOKEN: the token. hookDetails.version: the version that is deployed.
const STATUS = new Map([['pass', 'SUCCEEDED'], ['pending', 'IN_PROGRESS']]);

export async function handler({ hookDetails }) {
  const url = ${JSON.stringify(url)} + encodeURIComponent(hookDetails.version);
  const headers = { authorization: \`Bearer \${process.env.GATE_TOKEN}\` };
  const response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(10_000) });
  if (response.status >= 500) return { hookStatus: 'IN_PROGRESS', callBackDelay: ${POLL_SECONDS} };
  const hookStatus = (response.ok && STATUS.get((await response.json()).verdict)) || 'FAILED';
  return hookStatus === 'IN_PROGRESS' ? { hookStatus, callBackDelay: ${POLL_SECONDS} } : { hookStatus };
}
`;
}
