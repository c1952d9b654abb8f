import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { parseMessage } from '../../shared/core/parse-message.ts';
import { type FakePubSub, fakePubSub } from '../support/fake-pubsub.ts';
import { type Shell, startShell, WRAPPER, withShell } from '../support/sh-wrapper.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const google: FakePubSub = await fakePubSub();
beforeEach(() => {
  google.refuse = undefined;
  google.published.length = 0;
});

const GOOGLE = { GCE_METADATA_HOST: google.address, TIDEMARK_PUBSUB_ENDPOINT: `http://${google.address}` };
const NOTHING_OF_ASCII = String.fromCharCode(...Array.from({ length: 31 }, (_, i) => i + 1));

interface Ran {
  readonly status: number | null;
  readonly stderr: string;
  readonly state: string;
}

/** Runs `exit 7` on Google's services, with more environment and flags. */
async function ran(
  shell: Shell,
  {
    env = {},
    flags = [],
    state = temporaryFolder(),
  }: { env?: Record<string, string>; flags?: string[]; state?: string },
): Promise<Ran> {
  const request = { state, command: ['sh', '-c', 'exit 7'], queue: 'google' as const };
  const child = startShell(shell, request, { env: { ...GOOGLE, ...env }, flags });
  let stderr = '';
  child.stderr?.on('data', (data) => (stderr += data));
  const status = await new Promise<number | null>((done) => child.on('close', done));
  return { status, stderr, state };
}

/** The bodies, each taken by the reader of messages. */
function events(): { id: string; subject: string; source: string; data: Record<string, unknown> }[] {
  return google.published.map(({ body }) => {
    const read = parseMessage({ body, id: 'x', name: 'x', publishTime: 0, format: 'json' });
    expect(read).toMatchObject({ kind: 'event' });
    return JSON.parse(new TextDecoder().decode(body));
  });
}

for (const name of ['dash', 'bash', 'busybox'] as const) {
  withShell(name, (shell) => {
    describe(`tidemark-run under ${name}`, () => {
      test('publishes with the token of the metadata server, to the tutorial’s topic of this project', async () => {
        const { status, stderr } = await ran(shell, {});
        expect([status, stderr]).toStrictEqual([7, '']);
        expect(events().map(({ id }) => id)).toStrictEqual(['run-1/1/started', 'run-1/1/finished']);
        for (const { topic, authorization, attributes } of google.published) {
          expect([topic, authorization]).toStrictEqual(['metrics-written', 'Bearer t-1']);
          expect(attributes['content-type']).toBe('application/json');
        }
        expect(google.published[0]?.attributes.name).toBe('run-1/1/started');
      });

      test.each([
        ['quotes and backslashes', `a"b'c\\d\\"e`],
        ['newlines at both ends', '\n\nx\ny\n\n'],
        ['every control character', NOTHING_OF_ASCII],
        ['what a shell would run', '$(touch /tmp/no) `id` $HOME %s %d !!'],
        ['all planes of Unicode', 'é ∑ 漢 🏁 \u{10ffff}'],
        ['quotes on every line of a long one', 'x"\\\n'.repeat(500)],
      ])('%s arrive as they were', async (_what, value) => {
        await ran(shell, { flags: ['--model-dir', `gs://b/${value}`, '--label', `k=${value}`] });
        expect(google.published).toHaveLength(2);
        for (const { data } of events()) {
          expect(data).toMatchObject({ model_dir: `gs://b/${value}`, labels: { k: value } });
        }
      });

      test('the Job of the environment is its identity, as `tidemark run` has it', async () => {
        const env = {
          JOB_NAME: 'mnist-1',
          JOB_UID: 'u-1',
          JOB_COMPLETION_INDEX: '2',
          CLUSTER: 'c 1',
          POD_NAMESPACE: 'ns',
        };
        const { status } = await ran(shell, {
          env,
          flags: ['--run-id', '', '--attempt', '3', '--model-dir', 'out'],
        });
        expect(status).toBe(7);
        const [started] = events();
        expect(started).toMatchObject({ id: 'u-1-2/3/started', source: '//kubernetes/%63%20%31/ns/mnist' });
        expect(started?.data).toMatchObject({
          run_id: 'u-1-2',
          attempt: 3,
          cluster_name: 'c 1',
          job_namespace: 'ns',
        });
        expect(started?.data.model_dir).toBe(join(process.cwd(), 'out'));
      });

      test('what a failure left behind is delivered by the next run', async () => {
        google.refuse = (path) => (path.endsWith(':publish') ? 503 : undefined);
        const first = await ran(shell, { flags: ['--run-id', 'first'] });
        expect(first.status).toBe(7);
        expect(first.stderr).toContain('--flush delivers it');
        expect(google.published).toStrictEqual([]);
        google.refuse = undefined;
        await ran(shell, { state: first.state });
        const ids = events().map(({ id }) => id);
        expect(ids.toSorted()).toStrictEqual([
          'first/1/finished',
          'first/1/started',
          'run-1/1/finished',
          'run-1/1/started',
        ]);
        expect(readdirSync(join(first.state, 'unsent'))).toStrictEqual([]);
      });

      test('and by --flush, which says when nobody is there', async () => {
        google.refuse = () => 403;
        const { state } = await ran(shell, {});
        const [program, ...words] = shell.words;
        const flush = () =>
          new Promise<number>((done) => {
            const env = { PATH: shell.path, TIDEMARK_STATE: state, ...GOOGLE };
            const child = execFile(program, [...words, WRAPPER, '--flush'], { env }, () =>
              done(child.exitCode ?? -1),
            );
          });
        expect(await flush()).toBe(70);
        google.refuse = undefined;
        expect(await flush()).toBe(0);
        expect(events().map(({ id }) => id)).toStrictEqual(['run-1/1/started', 'run-1/1/finished']);
      });

      test('with nowhere to keep a message, it says that it is lost', async () => {
        google.refuse = () => 404;
        const { status, stderr } = await ran(shell, { env: { TIDEMARK_STATE: '/proc/none' } });
        expect(status).toBe(7);
        expect(stderr).toContain('cannot publish that run run-1 finished:');
        expect(stderr).toContain('It is lost: cannot write to /proc/none/unsent.');
      });

      test.each([
        ['no test', ['--test-name', '']],
        ['no command', ['--']],
        ['an unknown flag', ['--modeldir', 'x']],
        ['a label without a value', ['--label', 'x']],
        ['a timeout that is none', ['--timeout', 'soon']],
        ['a heartbeat that comes too late', ['--heartbeat', '10m']],
        ['an attempt that is none', ['--attempt', '0']],
      ])('%s is a mistake: exit 2, and nothing runs', async (_what, flags) => {
        const state = temporaryFolder();
        mkdirSync(join(state, 'x'));
        const command = flags[0] === '--' ? [] : ['sh', '-c', 'rmdir "$D/x"'];
        const more = { env: GOOGLE, flags: flags[0] === '--' ? [] : flags };
        const child = startShell(shell, { state, command, queue: 'google' }, more);
        const status = await new Promise<number | null>((done) => child.on('close', done));
        expect([status, readdirSync(state), google.published]).toStrictEqual([2, ['x'], []]);
      });
    });
  });
}

test('a value that is no UTF-8 arrives with a question mark for what cannot be read', async () => {
  const script = readFileSync(WRAPPER, 'utf8');
  expect(script.split('\n').length, 'short enough to be read before it is trusted').toBeLessThanOrEqual(150);
  const text =
    'exec dash "$0" --test-name "$(printf \'a\\377b\\342\\202c\\303\\251\\200\')" --run-id r -- true';
  const env = { PATH: process.env.PATH, TIDEMARK_STATE: temporaryFolder(), ...GOOGLE };
  await new Promise<void>((done) => execFile('sh', ['-c', text, WRAPPER], { env }, () => done()));
  expect(events().map(({ subject }) => subject)).toStrictEqual(['a?b?cé?', 'a?b?cé?']);
});
