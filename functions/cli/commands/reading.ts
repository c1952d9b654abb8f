import type { HealthFlags } from '../health.ts';
import type { Terminal } from '../io.ts';
import type { ReadOptions } from '../read.ts';
import { readFlags } from '../read-flags.ts';
import type { Adder, Flags } from './adder.ts';

/** Commands that read event files. */
export function addReading(add: Adder, terminal: Terminal): void {
  add({
    usage: 'read <paths...>',
    description: 'read event files or folders exactly, every point of them',
    examples: [
      'tidemark read runs/mnist',
      'tidemark read runs/mnist --tag "epoch_*" --json',
      'tidemark read runs/mnist --points --csv > points.csv',
      'tidemark read damaged/ --resync --strict',
    ],
    options: readFlags,
    act: async (paths: string[], flags: Flags<ReadOptions>) => {
      const { openPlaces } = await import('../read-places.ts');
      return (await import('../read.ts')).read(paths, flags, { ...terminal, open: openPlaces(terminal) });
    },
  });
  add({
    usage: 'health <path>',
    description: 'what went wrong inside a run: NaN, divergence, stalls; and its curves against earlier runs',
    examples: [
      'tidemark health runs/mnist/7',
      'tidemark health runs/mnist/7 --running   (silence up to now is a stall)',
      'tidemark health runs/mnist/9 --against runs/mnist/1 runs/mnist/2 …',
    ],
    options: (command) =>
      command
        .option('--against <folders...>', 'earlier runs whose curves make a band; eight at least')
        .option('--coverage <share>', 'of ordinary curves that stay inside (default 0.99)')
        .option('--tag <glob>', 'only tags that match; * and ? are wild')
        .option('--running', 'the run is still going')
        .option('--json', 'one JSON document'),
    act: async (path: string, flags: Flags<HealthFlags>) =>
      (await import('../health.ts')).healthCommand(path, flags, terminal),
  });
}
