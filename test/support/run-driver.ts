// `tidemark run` as a process of its own: it gets signals and is killed, which a test worker must not be.
// Its one argument is a `DriverInput` in JSON.
import { writeSync } from 'node:fs';
import { type RunOptions, run } from '../../functions/cli/run.ts';
import { spoolQueue } from '../../shared/adapters/spool/queue.ts';
import { unsentStore } from '../../shared/adapters/unsent/store.ts';
import type { Queue } from '../../shared/ports/queue.ts';

export interface DriverInput {
  readonly options: RunOptions;
  readonly state: string;
  readonly queue: 'spool' | 'throws' | 'hangs';
}

const { options, state, queue } = JSON.parse(process.argv[2] ?? '') as DriverInput;
const pull = async () => [];
const close = async () => {};
const queues: Record<DriverInput['queue'], Queue> = {
  spool: spoolQueue({ folder: `${state}/spool` }),
  throws: {
    pull,
    close,
    publish: () => {
      throw new Error('the network is down');
    },
  },
  hangs: { pull, close, publish: () => new Promise(() => {}) },
};
const status = await run(options, {
  queue: queues[queue],
  unsent: unsentStore({ folder: `${state}/unsent` }),
  env: { PATH: process.env.PATH, D: state },
  clock: { now: Date.now },
  randomId: () => 'run-1',
  hostname: 'box',
  out: () => {
    throw new Error('nothing of ours belongs on stdout');
  },
  err: (text) => writeSync(2, text),
});
process.exit(status);
