// Story S5 of a model in MLflow's own registry: three versions, of which the gate lets one pass.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { MAIN, type Workspace, workspaces } from '../support/cli.ts';
import { shellEnvironment } from '../support/command.ts';
import { type FaultProxy, faultProxy } from '../support/fault-proxy.ts';
import { ROOT } from '../support/repository.ts';
import { describeWith, mlflowStandIn, uniqueName } from '../support/stand-ins.ts';

const make = workspaces();
const POLICY = 'p95<=250ms,p95<=1.2x,failed<=0.01';
const TOKEN = 'lab-token';
const SECRET = 'of the webhook';
const RECORDED = join(ROOT, 'examples/guides/gourmetgram/recorded');

describeWith(['mlflow'], 'a version of a model in MLflow', () => {
  const model = uniqueName('food');
  const workspace = make();
  let proxy: FaultProxy;

  beforeAll(async () => {
    await registry('registered-models/create', { name: model });
    for (const version of ['1', '2', '3'])
      await registry('model-versions/create', { name: model, source: `s3://models/${version}` });
    await registry('registered-models/alias', { name: model, alias: 'production', version: '1' });
    proxy = await faultProxy({ target: mlflowStandIn().endpoint });
    workspace.config({
      gate: { tokens: [{ sha256: createHash('sha256').update(TOKEN).digest('hex'), tests: ['load'] }] },
      connections: { tracking: `mlflow+${proxy.url}` },
      tests: {
        load: {
          sources: [{ k6: { path: 'summary.json' } }],
          mlflow_model: { connection: 'tracking', model },
        },
      },
    });
    for (const version of ['1', '2', '3']) {
      const folder = workspace.path('out', version);
      cpSync(join(RECORDED, `${version}.json`), join(folder, 'summary.json'));
      const labels = [
        '--label',
        `version=${version}`,
        ...(version === '1' ? ['--label', 'alias=production'] : []),
      ];
      const times = [
        '--started-at',
        `2026-08-0${version}T02:00:00Z`,
        '--finished-at',
        `2026-08-0${version}T03:00:00Z`,
      ];
      const what = ['--test-name', 'load', '--model-dir', folder, '--outcome', 'success'];
      expect((await workspace.run(['publish', ...what, ...times, ...labels])).status).toBe(0);
    }
    expect((await workspace.run(['tick'])).status).toBe(0);
    return () => proxy.close();
  });

  const ask = (version: string, ...more: readonly string[]) =>
    workspace.spawn([
      ...['verdict', 'load', '--version', version, '--baseline', 'alias=production'],
      ...['--policy', POLICY, '--json', ...more],
    ]);
  const tagsOf = async (version: string) => (await versionOf(model, version)).tags ?? [];

  test('is asked about without a word to MLflow where nothing is kept', async () => {
    expect((await ask('2', '--no-keep')).status).toBe(0);
    expect(proxy.count('GET', /./)).toBe(0);
  });

  test('that is not there and could not be told of changes no exit code', async () => {
    proxy.use([{ path: /model-versions/, fault: { kind: 'status', status: 503 } }]);
    const { status, stderr } = await ask('2');
    proxy.use([]);
    expect(status).toBe(0);
    expect(stderr).toContain('MLflow was not told of a verdict');
    expect(await tagsOf('2')).toEqual([]);
  });

  test('passes, and its tag says so, set once', async () => {
    for (const _ of [1, 2]) expect(await ask('2')).toMatchObject({ status: 0, stderr: '' });
    expect(await tagsOf('2')).toEqual([{ key: 'validation_status', value: 'pass' }]);
    expect(proxy.count('POST', /set-tag/)).toBe(1);
  });

  test('fails for two reasons, and its tag says so', async () => {
    const { status, stdout, stderr } = await ask('3');
    expect([status, stderr]).toEqual([1, '']);
    const { reasons } = JSON.parse(stdout) as { reasons: { metric: string }[] };
    expect(reasons.map(({ metric }) => metric)).toEqual(['http_req_duration/p95', 'http_req_failed/rate']);
    expect(await tagsOf('3')).toEqual([{ key: 'validation_status', value: 'fail' }]);
  });

  test('that no run has is pending, and has no tag', async () => {
    await registry('model-versions/create', { name: model, source: 's3://models/4' });
    expect((await ask('4')).status).toBe(4);
    expect(await tagsOf('4')).toEqual([]);
  });

  test('keeps its alias: the gate moves none', async () => {
    const { model_version: found } = await registry<{ model_version: { version: string } }>(
      `registered-models/alias?name=${model}&alias=production`,
    );
    expect(found.version).toBe('1');
  });

  overHttp({ workspace, model, count: () => proxy.count('POST', /set-tag/) });
});

interface Staged {
  readonly workspace: Workspace;
  readonly model: string;
  /** How often a tag was set. */
  readonly count: () => number;
}

function overHttp({ workspace, model, count }: Staged): void {
  let gate: Awaited<ReturnType<typeof openGate>>;
  beforeAll(async () => {
    gate = await openGate(workspace);
  });
  afterAll(() => void gate.child.kill('SIGKILL'));

  test('gets its tag by the other door, too', async () => {
    const before = count();
    const ask = async (version: string, policy: string) => {
      const query = new URLSearchParams({ test: 'load', version, policy });
      const headers = { authorization: `Bearer ${TOKEN}` };
      return (await fetch(`${gate.url}/v1/gate?${query}`, { headers })).status;
    };
    expect(await ask('3', POLICY.replace('p95<=1.2x,', ''))).toBe(409);
    expect(count()).toBe(before);
    expect(await ask('1', 'p95<=250ms')).toBe(200);
    expect(await ask('1', 'p95<=250ms')).toBe(200);
    expect(count()).toBe(before + 1);
    const { tags } = await versionOf(model, '1');
    expect(tags).toEqual([{ key: 'validation_status', value: 'pass' }]);
  });

  test('that gets an alias is announced by a webhook that the server itself signs', async () => {
    const hook = {
      name: uniqueName('hook'),
      url: `${gate.url}/v1/mlflow`,
      events: [{ entity: 'MODEL_VERSION_ALIAS', action: 'CREATED' }],
      secret: SECRET,
      status: 'ACTIVE',
    };
    const { webhook } = await registry<{ webhook: { webhook_id: string } }>('webhooks', hook);
    await registry('registered-models/alias', { name: model, alias: 'canary', version: '2' });
    await vi.waitFor(() => expect(workspace.list('state/spool/incoming').join()).toContain('candidate-'), {
      timeout: 20_000,
      interval: 100,
    });
    const path = `${mlflowStandIn().endpoint}/api/2.0/mlflow/webhooks/${webhook.webhook_id}`;
    expect((await fetch(path, { method: 'DELETE' })).status).toBe(200);
    expect((await workspace.run(['tick'])).status).toBe(0);
    const [row] = await workspace.query<{ body: string }>(
      "select * from run_events where kind = 'candidate'",
    );
    const text = JSON.stringify(row).replaceAll('\\', '');
    expect(text).toContain(model);
    expect(text).toContain('"alias":"canary"');
    expect(text).toContain('"version":"2"');
  });
}

/** `tidemark gate` as a process of its own. */
async function openGate(workspace: Workspace): Promise<{ url: string; child: ChildProcess }> {
  const args = [
    'gate',
    '--port',
    '0',
    '--state',
    workspace.state,
    '--config',
    workspace.path('tidemark.json'),
  ];
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: workspace.folder,
    env: { ...shellEnvironment(), TIDEMARK_MLFLOW_WEBHOOK_SECRET: SECRET },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const url = await new Promise<string>((ready, fail) => {
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(told) ?? [];
      if (found !== undefined) ready(found);
    });
    child.once('exit', () => fail(new Error(told)));
  });
  return { url, child };
}

interface Version {
  readonly tags?: readonly { readonly key: string; readonly value: string }[];
}

async function versionOf(name: string, version: string): Promise<Version> {
  const call = `model-versions/get?${new URLSearchParams({ name, version })}`;
  return (await registry<{ model_version: Version }>(call)).model_version;
}

/** Asks the server itself; a body makes it a POST. */
async function registry<T>(call: string, body?: object): Promise<T> {
  const response = await fetch(`${mlflowStandIn().endpoint}/api/2.0/mlflow/${call}`, {
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Cannot prepare a test: ${call} answered ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}
