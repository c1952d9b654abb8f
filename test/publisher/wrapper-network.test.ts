import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { parseMessage } from '../../shared/core/parse-message.ts';
import { type FakePubSub, fakePubSub } from '../support/fake-pubsub.ts';
import { type Shell, startShell, WRAPPER, withShell } from '../support/sh-wrapper.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const google: FakePubSub = await fakePubSub();
beforeEach(google.renew);

const GOOGLE = google.env;
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
          POD_UID: 'p-1',
        };
        const { status } = await ran(shell, {
          env,
          flags: ['--run-id', '', '--attempt', '3', '--model-dir', 'out'],
        });
        expect(status).toBe(7);
        const [started] = events();
        expect(started).toMatchObject({
          id: 'u-1-2/3/started',
          source: '//kubernetes/%63%20%31/ns/mnist/p-1',
        });
        expect(started?.data).toMatchObject({
          run_id: 'u-1-2',
          attempt: 3,
          cluster_name: 'c 1',
          job_namespace: 'ns',
        });
        expect(started?.data.model_dir).toBe(join(process.cwd(), 'out'));
      });

      const HOSTILE = `a"b'c\\d $(touch "$D/no") \`touch $D/no\` \n\t\r\u0001\u007f é 🏁 %s %d ; & | * \u{10ffff}`;
      const IDENTITY = ['JOB_NAME', 'JOB_UID', 'POD_NAMESPACE', 'CLUSTER', 'MODEL_DIR', 'HOSTNAME'];
      const OTHERS = [
        'STACKDRIVER_LOGS',
        'JOB_COMPLETION_INDEX',
        'JOB_FAILURES',
        'JOB_DISRUPTIONS',
        'JOB_RESTARTS',
      ];

      test('whatever is in every variable of the pod arrives as it was, and nothing of it is run', async () => {
        const hostile = Object.fromEntries([...IDENTITY, ...OTHERS].map((key) => [key, HOSTILE]));
        const { status, stderr, state } = await ran(shell, { env: hostile, flags: ['--run-id', ''] });
        expect([status, stderr, readdirSync(state)]).toStrictEqual([7, '', []]);
        const told = events();
        expect(told).toHaveLength(2);
        const source = ['kubernetes', HOSTILE, HOSTILE, 'mnist'];
        for (const { data, source: given } of told) {
          expect(decodeURIComponent(given)).toBe(`//${source.join('/')}`);
          expect(data).toMatchObject({
            run_id: `${HOSTILE}-${HOSTILE}`,
            attempt: 1,
            cluster_name: HOSTILE,
            job_namespace: HOSTILE,
            host: HOSTILE,
            model_dir: expect.stringMatching(/\/a"b'c/),
          });
          expect(data).not.toHaveProperty('links');
        }
      });

      test('as much as a process can be given in every variable costs no status, and is sent or kept', async () => {
        // Linux gives a process at most 128 KiB in one variable (MAX_ARG_STRLEN).
        const large = `"🏁\n${'x'.repeat(120_000)}`;
        const env = Object.fromEntries(
          ['MODEL_DIR', 'JOB_NAME', 'CLUSTER', 'HOSTNAME'].map((key) => [key, large]),
        );
        const { status, stderr, state } = await ran(shell, { env });
        const kept = existsSync(join(state, 'unsent')) ? readdirSync(join(state, 'unsent')) : [];
        expect([status, google.published.length + kept.length]).toStrictEqual([7, 2]);
        // wget takes the body as an argument, of which there can be no more either.
        expect(stderr === '').toBe(kept.length === 0);
        for (const { body } of google.published) {
          const { data } = JSON.parse(new TextDecoder().decode(body));
          expect(data).toMatchObject({ cluster_name: large, host: large });
        }
      });

      test.each([
        ['no token', {}, (path: string) => (path.endsWith('/token') ? 404 : undefined), /no access token/],
        ['no right', {}, (path: string) => (path.endsWith(':publish') ? 403 : undefined), /403|8: refused/],
        ['a topic that is not there', { TOPIC: 'wrong-topic' }, undefined, /404|8: refused/],
        ['a topic that is no topic', { TOPIC: '../../$(id)"\n' }, undefined, /cannot publish/],
        ['no metadata server', { GCE_METADATA_HOST: '127.0.0.1:1' }, undefined, /no project/],
        ['a queue of another kind', { TIDEMARK_QUEUE: 'kafka://x' }, undefined, /this wrapper knows/],
      ])(
        '%s: the status is the command’s own, the log says why, both messages wait',
        async (_what, env, refuse, words) => {
          google.refuse = refuse;
          const { status, stderr, state } = await ran(shell, { env });
          expect([status, google.published]).toStrictEqual([7, []]);
          expect(stderr).toMatch(words);
          expect(readdirSync(join(state, 'unsent'))).toHaveLength(2);
        },
      );

      test.each([
        ['the first Pod', {}, 1],
        ['one behind two that failed', { JOB_FAILURES: '2' }, 3],
        [
          'one behind one that failed and three that were taken away',
          { JOB_FAILURES: '1', JOB_DISRUPTIONS: '3' },
          5,
        ],
        ['a set that began anew', { JOB_RESTARTS: '9' }, 10],
        ['counts that are none', { JOB_FAILURES: '08', JOB_DISRUPTIONS: '-1', JOB_RESTARTS: '1000000' }, 1],
      ])('the attempt: %s', async (_what, env, attempt) => {
        await ran(shell, { env: { JOB_NAME: 'j', ...env } });
        expect(events().map(({ data }) => data.attempt)).toStrictEqual([attempt, attempt]);
      });

      test.each([
        ['fewer Pods failed than may', { JOB_FAILURES: '1' }, ['--retries', '2'], false],
        ['as many failed as may', { JOB_FAILURES: '2' }, ['--retries', '2'], undefined],
        ['none may fail', {}, ['--retries', '0'], undefined],
        ['nobody tries again', {}, [], undefined],
        [
          'an attempt by its number alone is no count of failures',
          {},
          ['--retries', '1', '--attempt', '9'],
          false,
        ],
      ])('a failure is the end of its run or not: %s', async (_what, env, flags, final) => {
        await ran(shell, { env, flags });
        const [, finished] = events();
        expect(finished?.data).toMatchObject({ outcome: 'failure' });
        expect(finished?.data.final).toBe(final);
      });

      test('where only the first machine tells, the others run the command and are silent', async () => {
        const second = await ran(shell, { env: { JOB_COMPLETION_INDEX: '1' }, flags: ['--only-first'] });
        expect([second.status, google.asked, google.published]).toStrictEqual([7, [], []]);
        const first = await ran(shell, { env: { JOB_COMPLETION_INDEX: '0' }, flags: ['--only-first'] });
        expect([first.status, google.published.length]).toStrictEqual([7, 2]);
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
        ['retries that are no number', ['--retries', '1e3']],
        ['retries with a zero in front', ['--retries', '08']],
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
