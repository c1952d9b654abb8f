// One tick as a process of its own, which kills itself at one of its effects: no `finally`, no `catch`, no
// exit handler of it runs. Its one argument is a `TickDriverInput` in JSON.
import { countEffects, type Death } from './effects.ts';
import { small } from './scenario.ts';
import { tickIn } from './state-folder.ts';

export interface TickDriverInput {
  readonly folder: string;
  readonly models: string;
  readonly death: Death;
}

const { folder, models, death } = JSON.parse(process.argv[2] ?? '') as TickDriverInput;
const scenario = small(models);
const effects = countEffects(death, () => {
  process.kill(process.pid, 'SIGKILL');
  // The signal is not always there at once; nothing may happen until it is.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  throw new Error('outlived SIGKILL');
});
await tickIn(folder, scenario, { now: scenario.end, effects });
