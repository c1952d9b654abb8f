import type { Command } from 'commander';
import type { Terminal } from '../io.ts';
import type { ExpectFlags, ProducerFlags } from '../producer.ts';
import type { Adder, Flags } from './adder.ts';

/** Commands of those who run jobs. */
export function addProducing(add: Adder, terminal: Terminal): void {
  const labelled = (command: Command) =>
    command
      .option(
        '--label <key=value>',
        'a label of the run; may be given again',
        (pair: string, all: string[] = []) => [...all, pair],
      )
      .option('--run-id <id>', 'the id of this run (default: from the environment of the job system)')
      .option('--attempt <n>', 'which attempt of the run this is (default 1)');
  add({
    usage: 'publish',
    description:
      'put one message on the queue; without --test-name, the one of the tutorial from the environment',
    examples: [
      'tidemark publish --test-name mnist --model-dir runs/mnist/7 --outcome success --started-at 2026-08-01T02:00:00Z',
    ],
    options: (command) =>
      labelled(
        command
          .option('--test-name <name>', 'the test')
          .option('--model-dir <dir>', 'where its event files will be')
          .option(
            '--outcome <outcome>',
            'it has ended: success, failure, timeout, … or as another system says: slurm:PREEMPTED',
          )
          .option('--started-at <time>', 'ISO 8601 with zone')
          .option('--finished-at <time>', 'ISO 8601 with zone (default: now)')
          .option('--metric-config <file>', 'what to collect and demand, JSON or YAML')
          .option('--strict', 'exit 70 when the message was not published, 2 when its config is broken'),
      ),
    act: async (flags: Flags<ProducerFlags>) =>
      (await import('../producer.ts')).publishCommand(flags, terminal),
  });
  add({
    usage: 'run [command...]',
    description: 'run a command, tell its start, heartbeats and end, and exit with its status',
    examples: ['tidemark run --test-name mnist --model-dir out --timeout 4h -- python train.py --epochs 10'],
    options: (command) =>
      labelled(
        command
          .requiredOption('--test-name <name>', 'the test')
          .option('--model-dir <dir>', 'where its event files will be')
          .option('--timeout <duration>', 'end it after this long, with status 124')
          .option('--heartbeat <duration>', 'how often to say that it still runs (default 1m)'),
      ),
    act: async (command: string[], flags: Flags<ProducerFlags>) =>
      (await import('../producer.ts')).runCommand(command, flags, terminal),
  });
  add({
    usage: 'expect <test>',
    description: 'say that a run has to start; one that does not ends as missed',
    examples: [
      'tidemark expect contextual-model --within 30m --hint "Is SLAVE_TYPE the name of a pool that is up?"',
      'tidemark expect mnist --run-id mnist-7 --within 2h',
    ],
    options: (command) =>
      command
        .requiredOption('--within <duration>', 'how long from now it may take to start, such as 30m')
        .option('--run-id <id>', 'this run; without it any run of the test that begins in time will do')
        .option('--hint <text>', 'what to look at when it does not start')
        .option(
          '--label <key=value>',
          'a label of the run; may be given again',
          (pair: string, all: string[] = []) => [...all, pair],
        ),
    act: async (test: string, flags: Flags<ExpectFlags>) =>
      (await import('../producer.ts')).expectCommand(test, flags, terminal),
  });
  add({
    usage: 'flush',
    description: 'deliver messages that could not be published',
    examples: ['tidemark flush'],
    act: async (flags: Flags) => (await import('../producer.ts')).flushCommand(flags, terminal),
  });
}
