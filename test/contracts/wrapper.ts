import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { flush } from '../../functions/cli/flush.ts';
import { memoryQueue } from '../../shared/adapters/memory/queue.ts';
import { unsentStore } from '../../shared/adapters/unsent/store.ts';
import { parseMessage } from '../../shared/core/parse-message.ts';
import { makeMemoryGroup } from '../support/memory-group.ts';
import { tellNotRun } from '../support/not-run.ts';

/** What a wrapper is asked for; times in milliseconds. */
export interface WrapperRequest {
  /** A folder of its own, which the command finds as `$D`; `spool`, `unsent` are in it. */
  readonly state: string;
  readonly command: readonly string[];
  readonly queue: 'spool' | 'throws' | 'hangs';
  readonly timeout?: number | undefined;
  readonly grace?: number | undefined;
  readonly heartbeat?: number | undefined;
  readonly publishWait?: number | undefined;
  /** The cgroup that it runs in; else that of the test. */
  readonly group?: string | undefined;
}

/** A wrapper under test. */
export interface WrapperKind {
  /** Starts it for the test `mnist` as run `run-1`. */
  readonly start: (request: WrapperRequest) => ChildProcess;
  /** The shortest time it knows, milliseconds. */
  readonly unit: number;
  /** Signals that it cannot forward as they are, and what it sends instead. */
  readonly arrivesAs?: Readonly<Record<string, string>>;
}

interface Wrapper {
  readonly process: ChildProcess;
  readonly state: string;
  /** The exit code, or the signal; and everything that was printed. */
  readonly end: Promise<{ status: number | NodeJS.Signals | null; stdout: string; stderr: string }>;
}

type Given = Partial<WrapperRequest> & { readonly input?: string };

interface Event {
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What was published, in the order of its names; the reader of messages takes all of it. */
function published({ state }: Wrapper): Event[] {
  const incoming = join(state, 'spool', 'incoming');
  const names = existsSync(incoming) ? readdirSync(incoming).sort() : [];
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => eventOf(readFileSync(join(incoming, name))));
}

function eventOf(body: Uint8Array): Event {
  const about = { body, id: 'x', name: 'x', publishTime: 0, format: 'json' as const };
  expect(parseMessage(about), 'the reader takes what is published').toMatchObject({ kind: 'event' });
  return JSON.parse(new TextDecoder().decode(body));
}

const finished = (of: Wrapper) => published(of).find(({ id }) => id === 'run-1/1/finished')?.data;

async function until(what: string, holds: () => boolean): Promise<void> {
  const patience = Date.now() + 30_000;
  while (!holds()) {
    if (Date.now() > patience) throw new Error(`waited in vain for: ${what}`);
    await sleep(10);
  }
}

const has = (of: Wrapper, name: string) => existsSync(join(of.state, name));
const pidIn = (of: Wrapper, name: string) => Number(readFileSync(join(of.state, name), 'utf8'));

/** No such process, or only its remains, which the machine's first process may be slow to clear away. */
function gone(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

// Writes the name only once the traps before it are set.
const FOREVER = 'while :; do sleep 0.05; done';

/** What every wrapper of a job's command does, whatever it is written in. */
export function wrapperContract(title: string, kind: WrapperKind): void {
  const scratch = mkdtempSync(join(tmpdir(), 'wrapper-test-'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  /** Starts the wrapper with a shell script or a command; the script finds its folder in `$D`. */
  function wrapper(command: string | readonly string[], given: Given = {}): Wrapper {
    const { input, ...rest } = given;
    const state = mkdtempSync(join(scratch, 'state-'));
    const words = typeof command === 'string' ? ['sh', '-c', command] : command;
    const child = kind.start({ state, command: words, queue: 'spool', ...rest });
    child.stdin?.end(input ?? '');
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (data) => (stdout += data));
    child.stderr?.on('data', (data) => (stderr += data));
    const end = new Promise<Awaited<Wrapper['end']>>((resolve) => {
      child.on('close', (code, signal) => resolve({ status: signal ?? code, stdout, stderr }));
    });
    return { process: child, state, end };
  }

  const notExecutable = join(scratch, 'not-executable');
  writeFileSync(notExecutable, 'x', { mode: 0o644 });
  describe(title, () => {
    describe('the exit status is the command’s own', () => {
      const rows: readonly (readonly [string, readonly string[], number, object])[] = [
        ['success', ['sh', '-c', 'exit 0'], 0, { outcome: 'success', exit_code: 0 }],
        ['a failure', ['sh', '-c', 'exit 3'], 3, { outcome: 'failure', exit_code: 3, reason: 'exit' }],
        ['another failure', ['sh', '-c', 'exit 7'], 7, { outcome: 'failure', exit_code: 7 }],
        [
          'its own 124 is not our timeout',
          ['sh', '-c', 'exit 124'],
          124,
          { outcome: 'failure', exit_code: 124 },
        ],
        [
          'a file that is not executable',
          [notExecutable],
          126,
          { outcome: 'failure', reason: 'not-executable' },
        ],
        ['a folder', [scratch], 126, { outcome: 'failure', reason: 'not-executable', exit_code: 126 }],
        ['no such command', ['no-such-command-here'], 127, { outcome: 'failure', reason: 'not-found' }],
        ['no such file', ['./no/such/file'], 127, { outcome: 'failure', exit_code: 127 }],
        ['an empty name', [''], 127, { outcome: 'failure', reason: 'not-found' }],
        [
          'interrupted by itself',
          ['sh', '-c', 'kill -INT $$'],
          130,
          { outcome: 'failure', signal: 'SIGINT' },
        ],
        [
          'killed',
          ['sh', '-c', 'kill -KILL $$'],
          137,
          { outcome: 'failure', signal: 'SIGKILL', reason: 'signal' },
        ],
        [
          'a segmentation fault',
          ['sh', '-c', 'kill -SEGV $$'],
          139,
          { outcome: 'failure', signal: 'SIGSEGV' },
        ],
        [
          'terminated by itself',
          ['sh', '-c', 'kill -TERM $$'],
          143,
          { outcome: 'failure', signal: 'SIGTERM' },
        ],
      ];
      // A shell whose commands ignore INT cannot mend that.
      const possible = rows.filter(
        ([what]) => kind.arrivesAs?.SIGINT === undefined || what !== 'interrupted by itself',
      );
      test.each(possible)('%s', async (_what, command, status, data) => {
        const tidemark = wrapper(command);
        expect(await tidemark.end).toMatchObject({ status, stdout: '' });
        expect(published(tidemark).map(({ id }) => id)).toStrictEqual([
          'run-1/1/started',
          'run-1/1/finished',
        ]);
        expect(finished(tidemark)).toMatchObject(data);
      });
    });

    test('what the kernel kills for want of memory is told apart from what somebody kills', async (context) => {
      const group = makeMemoryGroup(`tidemark-${basename(scratch)}`, 150_000_000);
      if (group === null) {
        const why = 'nobody may make a cgroup with a limit of memory here';
        tellNotRun(`${title}: out of memory`, why);
        return context.skip(why);
      }
      const greedy = 'x=0123456789; while :; do x=$x$x; done';
      const oom = { outcome: 'oom', reason: 'oom', message: expect.stringContaining('memory') };
      for (const script of [greedy, `sh -c '${greedy}'; exit $?`]) {
        const tidemark = wrapper(script, { group: group.folder });
        expect(await tidemark.end).toMatchObject({ status: 137 });
        expect(finished(tidemark)).toMatchObject(oom);
      }
      const killed = wrapper(['sh', '-c', 'kill -KILL $$'], { group: group.folder });
      expect(await killed.end).toMatchObject({ status: 137 });
      expect(finished(killed)).toMatchObject({ outcome: 'failure', signal: 'SIGKILL' });
      await group.remove();
    });

    describe('signals', () => {
      test.each([
        ['SIGTERM', 'cancelled'],
        ['SIGINT', 'cancelled'],
        ['SIGHUP', 'cancelled'],
        ['SIGQUIT', 'cancelled'],
        ['SIGUSR1', 'failure'],
        ['SIGUSR2', 'failure'],
      ] as const)('%s reaches the command, whose answer counts', async (signal, outcome) => {
        const tidemark = wrapper(
          `trap 'exit 41' ${kind.arrivesAs?.[signal] ?? signal.slice(3)}; echo > $D/ready; ${FOREVER}`,
        );
        await until('the trap', () => has(tidemark, 'ready'));
        tidemark.process.kill(signal);
        expect(await tidemark.end).toMatchObject({ status: 41 });
        expect(finished(tidemark)).toMatchObject({ outcome, exit_code: 41 });
      });

      test('TERM reaches a grandchild, too', async () => {
        const grandchild = `trap 'echo > $D/heard; exit' TERM; echo > $D/ready; ${FOREVER}`;
        const tidemark = wrapper(`sh -c '${grandchild.replaceAll("'", `'\\''`)}' & wait`);
        await until('the grandchild', () => has(tidemark, 'ready'));
        tidemark.process.kill('SIGTERM');
        expect(await tidemark.end).toMatchObject({ status: 143 });
        await until('the grandchild to hear the signal', () => has(tidemark, 'heard'));
        expect(finished(tidemark)).toMatchObject({
          outcome: 'cancelled',
          signal: 'SIGTERM',
          reason: 'stopped',
          message: 'Told to stop by SIGTERM.',
        });
      });

      test('a wrapper killed by force leaves the message of the start alone', async () => {
        const tidemark = wrapper(`echo $$ > $D/pid.part; mv $D/pid.part $D/pid; exec sleep 600`);
        await until('the start', () => published(tidemark).length > 0 && has(tidemark, 'pid'));
        tidemark.process.kill('SIGKILL');
        await until('its end', () => tidemark.process.signalCode === 'SIGKILL');
        process.kill(pidIn(tidemark, 'pid'), 'SIGKILL');
        await tidemark.end;
        expect(published(tidemark).map(({ id }) => id)).toStrictEqual(['run-1/1/started']);
      });
    });

    describe('the timeout', () => {
      test.each([
        ['a command that ends on TERM', FOREVER, 'SIGTERM'],
        ['a command that ignores TERM is killed after the grace', `trap '' TERM; ${FOREVER}`, 'SIGKILL'],
        [
          'so is a grandchild that ignores TERM when its parent does not',
          `(trap '' TERM; sleep 600) & ${FOREVER}`,
          'SIGTERM',
        ],
      ])('%s', async (_what, script, signal) => {
        // On a slow machine the shell may not have got to its trap in time; then it gets longer.
        for (const timeout of [1_000, 5_000, 25_000]) {
          const late = script.replace(FOREVER, `echo $$ > $D/leader; ${FOREVER}`);
          const tidemark = wrapper(late.replace('sleep 600', "sh -c 'echo $$ > $D/other; exec sleep 600'"), {
            timeout,
            grace: kind.unit,
          });
          const end = await tidemark.end;
          expect(end).toMatchObject({ status: 124 });
          const names = script.includes('sleep 600') ? ['leader', 'other'] : ['leader'];
          if (!names.every((name) => has(tidemark, name))) continue;
          expect(end.stderr).toContain(`not finished after ${timeout / 1000} s`);
          expect(finished(tidemark)).toMatchObject({ outcome: 'timeout', signal, reason: 'timeout' });
          for (const name of names) expect(gone(pidIn(tidemark, name))).toBe(true);
          const { started_at, deadline } = published(tidemark)[0]!.data;
          expect(Date.parse(String(deadline)) - Date.parse(String(started_at))).toBe(timeout);
          return;
        }
        throw new Error('the machine was too slow for this test');
      });

      test('one of a month does not fire at once', async () => {
        const tidemark = wrapper('sleep 0.2; exit 5', { timeout: 31 * 86_400_000 });
        expect(await tidemark.end).toMatchObject({ status: 5 });
      });
    });

    describe('around the command', () => {
      test('standard input, output and error pass through untouched', async () => {
        const tidemark = wrapper('cat; echo oops >&2', { input: 'line 1\nline 2' });
        expect(await tidemark.end).toStrictEqual({ status: 0, stdout: 'line 1\nline 2', stderr: 'oops\n' });
      });

      test('heartbeats are numbered and stop before the end is told', async () => {
        const tidemark = wrapper('until [ -e $D/stop ]; do sleep 0.05; done', {
          heartbeat: Math.max(20, kind.unit),
        });
        await until('two heartbeats', () => published(tidemark).length >= 3);
        writeFileSync(join(tidemark.state, 'stop'), '');
        expect(await tidemark.end).toMatchObject({ status: 0 });
        const ids = published(tidemark).map(({ id }) => id);
        expect(ids).toEqual(expect.arrayContaining(['run-1/1/heartbeat/1', 'run-1/1/heartbeat/2']));
        expect(ids.filter((id) => id.endsWith('finished'))).toHaveLength(1);
      });

      test('a queue that hangs does not hold up the command', async () => {
        const tidemark = wrapper('echo > $D/ready', { queue: 'hangs', publishWait: 20_000 });
        await until('the command', () => has(tidemark, 'ready'));
        expect(tidemark.process.exitCode).toBeNull();
        tidemark.process.kill('SIGKILL');
        await until('its end', () => tidemark.process.signalCode === 'SIGKILL');
      });

      test.each(['throws', 'hangs'] as const)(
        'a queue that %s changes nothing; flush delivers both messages with their times',
        async (queue) => {
          const before = Math.floor(Date.now() / kind.unit) * kind.unit;
          const tidemark = wrapper('exit 7', {
            queue,
            publishWait: Math.max(50, kind.unit),
            heartbeat: Math.max(10, kind.unit),
          });
          const { status, stdout, stderr } = await tidemark.end;
          const after = Date.now();
          expect([status, stdout]).toStrictEqual([7, '']);
          expect(stderr).toMatch(/flush" delivers it|--flush delivers it/);

          const unsent = unsentStore({ folder: join(tidemark.state, 'unsent') });
          const kept = (await unsent.list()).map((path) => readFileSync(path, 'utf8'));
          const target = memoryQueue();
          expect(await flush({ queue: target, unsent, out: () => {}, err: () => {} })).toBe(0);
          const delivered = await target.pull(10);
          expect(delivered.map(({ body }) => new TextDecoder().decode(body!))).toStrictEqual(kept);
          expect(kept.map((text) => JSON.parse(text).id)).toStrictEqual([
            'run-1/1/started',
            'run-1/1/finished',
          ]);
          for (const { publishTime } of delivered) {
            expect(publishTime).toBeGreaterThanOrEqual(before);
            expect(publishTime).toBeLessThanOrEqual(after);
          }
          expect(await unsent.list()).toStrictEqual([]);
        },
      );
    });
  });
}
