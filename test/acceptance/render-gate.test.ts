import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { workspaces } from '../support/cli.ts';

const make = workspaces();
const POLICY = 'p95<=250ms,p95<=1.2x,failed<=1%';

async function rendered(consumer: string, ...more: readonly string[]): Promise<string> {
  const flags = ['--for', consumer, '--test', 'load', '--baseline', '1', '--policy', POLICY, ...more];
  const answer = await make().run(['render', 'gate', ...flags]);
  expect([answer.status, answer.stderr]).toStrictEqual([0, '']);
  return answer.stdout;
}

interface Metric {
  readonly count: number;
  readonly inconclusiveLimit: number;
  readonly failureLimit: number;
  readonly consecutiveSuccessLimit?: number;
  readonly successCondition: string;
  readonly failureCondition: string;
  readonly provider: { readonly web: { readonly url: string; readonly jsonPath: string } };
}

const metricOf = (text: string) => parse(text).spec.metrics[0] as Metric;

/**
 * A model of how Argo Rollouts 1.8 assesses a metric, not the program itself: failures or inconclusive measurements above their limits end it; when `count` is reached, it
 * is successful, but with a limit of consecutive successes that was not met, inconclusive.
 */
function assess(metric: Metric, measurements: readonly string[]): string {
  let [failed, inconclusive, inARow] = [0, 0, 0];
  for (const [index, result] of measurements.entries()) {
    const holds = (condition: string) => condition === `result == ${JSON.stringify(result)}`;
    if (holds(metric.failureCondition)) failed++;
    else if (!holds(metric.successCondition)) inconclusive++;
    inARow = holds(metric.successCondition) ? inARow + 1 : 0;
    if (failed > metric.failureLimit) return 'Failed';
    if (inconclusive > metric.inconclusiveLimit) return 'Inconclusive';
    const wanted = metric.consecutiveSuccessLimit ?? 0;
    if (wanted > 0 && inARow >= wanted) return 'Successful';
    if (index + 1 >= metric.count) return wanted > 0 ? 'Inconclusive' : 'Successful';
  }
  return 'Running';
}

describe('Argo Rollouts', () => {
  const pending = (n: number) => Array.from({ length: n }, () => 'pending');

  test('20 polls that are all pending end Inconclusive, not Successful', async () => {
    const metric = metricOf(await rendered('argo-rollouts'));
    expect(metric.consecutiveSuccessLimit).toBe(1);
    expect(assess(metric, pending(20))).toBe('Inconclusive');
    // The trap: without the limit they would promote.
    const { consecutiveSuccessLimit: _, ...without } = metric;
    expect(assess(without, pending(20))).toBe('Successful');
  });

  test.each([
    [[...pending(3), 'pass'], 'Successful'],
    [[...pending(3), 'fail'], 'Failed'],
    [['inconclusive', 'inconclusive'], 'Running'],
    [['fail', 'pass'], 'Failed'],
  ])('%j: %s', async (measurements, status) => {
    expect(assess(metricOf(await rendered('argo-rollouts')), measurements)).toBe(status);
  });

  test('the question is one that the gate takes', async () => {
    const { url } = metricOf(await rendered('argo-rollouts')).provider.web;
    const { searchParams, pathname } = new URL(url.replace('{{args.version}}', '2'));
    expect(pathname).toBe('/v1/verdict');
    expect(Object.fromEntries(searchParams)).toStrictEqual({
      ...{ test: 'load', baseline: '1', policy: POLICY, version: '2' },
    });
  });
});

test('Argo Workflows promotes on pass alone, and asks again while it is pending', async () => {
  const { templates } = parse(await rendered('argo-workflows')).spec;
  const [main, gate] = templates;
  expect(gate.retryStrategy.expression).toBe('asInt(lastRetry.exitCode) == 4');
  const [promote, refuse] = main.steps[1];
  expect([promote.when, refuse.when]).toStrictEqual([
    "'{{steps.gate.outputs.parameters.verdict}}' == 'pass'",
    "'{{steps.gate.outputs.parameters.verdict}}' != 'pass'",
  ]);
  // The script is one that a shell reads, and the version stands in it as a variable only.
  for (const { container } of [gate, templates[3]]) {
    const { status } = spawnSync('sh', ['-n', '-c', container.args[0]]);
    expect(status).toBe(0);
    expect(container.args[0]).not.toContain('{{');
  }
});

test('Flagger asks the gate, and rolls back when it failed', async () => {
  const [promote, rollback] = parse(await rendered('flagger')).analysis.webhooks;
  expect(promote).toMatchObject({ type: 'confirm-promotion', metadata: { test: 'load', policy: POLICY } });
  expect(rollback).toMatchObject({ type: 'rollback', url: expect.stringMatching(/\/v1\/gate\?when=fail$/) });
});

test('a step of GitHub gets what people write as variables, never as words of a script', async () => {
  const step = parse(await rendered('github'));
  expect(step.run).not.toContain('${{');
  expect(step.env).toMatchObject({ POLICY, VERSION: `\${{ inputs.version }}` });
});

test.each([
  ['pass', 200, { hookStatus: 'SUCCEEDED' }],
  ['fail', 200, { hookStatus: 'FAILED' }],
  ['inconclusive', 200, { hookStatus: 'FAILED' }],
  ['pending', 200, { hookStatus: 'IN_PROGRESS', callBackDelay: 30 }],
  ['pass', 503, { hookStatus: 'IN_PROGRESS', callBackDelay: 30 }],
  ['pass', 403, { hookStatus: 'FAILED' }],
  ['constructor', 200, { hookStatus: 'FAILED' }],
])('a hook of ECS that is answered %s with %d says %j', async (verdict, status, said) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(status).end(JSON.stringify({ verdict }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  try {
    const { port } = server.address() as AddressInfo;
    const workspace = make();
    const file = workspace.write('hook.mjs', await rendered('ecs', '--url', `http://127.0.0.1:${port}`));
    const { handler } = await import(pathToFileURL(file).href);
    expect(await handler({ hookDetails: { version: '2 &x=1' } })).toStrictEqual(said);
    expect(new URL(asked[0]!, 'http://x').searchParams.get('version')).toBe('2 &x=1');
  } finally {
    server.close();
  }
});

test.each([
  [['--for', 'jenkins', '--test', 'a'], 'wanted one of'],
  [['--for', 'ecs'], 'give --test'],
  [['--for', 'ecs', '--test', 'a', '--url', 'file:///x'], 'wanted https'],
  [['--for', 'ecs', '--test', 'a', '--policy', 'p95'], 'Cannot read policy'],
])('render gate %j exits 2', async (flags, words) => {
  const answer = await make().run(['render', 'gate', ...flags]);
  expect([answer.status, answer.stderr]).toStrictEqual([2, expect.stringContaining(words)]);
});
