import { expect, onTestFinished, test } from 'vitest';
import { type Answer, workspaces } from '../../test/support/cli.ts';
import { startSmtpServer } from '../../test/support/smtp-server.ts';

const newWorkspace = workspaces();

interface Finding {
  readonly what: string;
  readonly state: string;
  readonly detail: string;
}

function findings({ stdout }: Answer): Finding[] {
  return (JSON.parse(stdout) as { findings: Finding[] }).findings;
}

const bad = (answer: Answer) => findings(answer).filter(({ state }) => state === 'bad');

/** A machine that is nobody to Google, and asks no network whether it is. */
const nobody = (home: string) => ({ HOME: home, METADATA_SERVER_DETECTION: 'none' });

test('one machine with nothing on it is healthy, and nothing is said of the cloud', async () => {
  const at = newWorkspace();
  const answer = await at.run(['doctor', '--json']);
  expect(answer.status).toBe(0);
  expect(findings(answer).map(({ what }) => what)).toEqual([
    'Node',
    'config',
    'history',
    'queue',
    'mail',
    'unsent messages',
  ]);
});

test('where nobody answers every service has its line, and the process ends with 2 and without a stack', async () => {
  const at = newWorkspace();
  at.config({
    model_roots: ['gs://some-bucket/models'],
    clusters: { main: { endpoint: 'http://127.0.0.1:1', auth: 'none' } },
    alerting: { fallback: ['a@example.com'] },
  });
  const answer = await at.spawn(
    [
      ...['--queue', 'pubsub://some-project/runs?subscription=tick'],
      ...['--history', 'bigquery://some-project/metrics', '--lease', 'gs://some-bucket/locks/tick.json'],
      ...['--mail', 'smtp://alerts@127.0.0.1:1', 'doctor', '--json'],
    ],
    {
      env: {
        ...nobody(at.folder),
        TIDEMARK_BIGQUERY_ENDPOINT: 'http://127.0.0.1:1',
        TIDEMARK_STORAGE_ENDPOINT: 'http://127.0.0.1:1',
        TIDEMARK_SMTP_PASSWORD: 'geheim-7',
      },
    },
  );
  expect(answer.status).toBe(2);
  expect(new Set(bad(answer).map(({ what }) => what))).toEqual(
    new Set([
      'project some-project',
      'dataset some-project.metrics',
      'mail server 127.0.0.1:1',
      'model root gs://some-bucket/models',
      'lease gs://some-bucket/locks/tick.json',
      'cluster main',
    ]),
  );
  expect(answer.stdout + answer.stderr).not.toMatch(/geheim|\n +at /);
});

test('what only the function needs is told where something is not on this machine', async () => {
  const at = newWorkspace();
  const answer = await at.spawn(['--history', 'bigquery://some-project/metrics', 'doctor', '--json'], {
    env: { ...nobody(at.folder), TIDEMARK_BIGQUERY_ENDPOINT: 'http://127.0.0.1:1' },
  });
  const last = findings(answer).slice(-5);
  expect(last.map(({ what, state }) => [what, state])).toEqual([
    ['model_roots', 'note'],
    ['clusters', 'note'],
    ['alerting.fallback', 'note'],
    ['mail', 'note'],
    ['lease', 'bad'],
  ]);
});

test('a mail server is greeted and gets no mail', async () => {
  const at = newWorkspace();
  const server = await startSmtpServer();
  onTestFinished(server.close);
  const answer = await at.run(['doctor', '--json', '--mail', `smtp://127.0.0.1:${server.port}`]);
  expect(answer.status).toBe(0);
  expect(findings(answer)).toContainEqual({
    what: `mail server 127.0.0.1:${server.port}`,
    state: 'ok',
    detail: expect.stringContaining('tidemark@localhost'),
  });
  expect(server.received).toEqual([]);
});

test.each([
  ['--queue', 'kafka:x', /queue/],
  ['--history', 'oracle:x', /history/],
  ['--mail', 'fax:x', /mail/],
])('a setting that nobody knows is one bad line: %s %s', async (flag, url, what) => {
  const answer = await newWorkspace().run(['doctor', '--json', flag, url]);
  expect(answer.status).toBe(2);
  expect(bad(answer)).toMatchObject([{ what: expect.stringMatching(what) }]);
});

test('what a server or a config says stays on its line', async () => {
  const at = newWorkspace();
  at.config({
    clusters: { main: { endpoint: 'http://127.0.0.1:1', auth: 'none' } },
    model_roots: ['gs://x\u001b[2J'],
  });
  const answer = await at.run(['doctor']);
  expect(answer.stdout).not.toContain('\u001b');
  expect(
    answer.stdout
      .split('\n')
      .slice(0, -1)
      .every((line) => /^(ok|note|bad) /.test(line)),
  ).toBe(true);
});
