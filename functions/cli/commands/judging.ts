import { Option } from 'commander';
import type { BackfillFlags } from '../backfill.ts';
import type { Terminal } from '../io.ts';
import type { Adder, Flags } from './adder.ts';

/** Commands that judge. */
export function addJudging(add: Adder, terminal: Terminal): void {
  add({
    usage: 'tick',
    description: 'one pass: queue, outcomes, metrics, verdicts, mails',
    examples: ['tidemark tick', 'tidemark tick --every 15m'],
    options: (command) =>
      command
        .option('--every <duration>', 'again and again until stopped')
        .option('--json', 'one JSON document a pass'),
    act: async (flags: Flags<{ every?: string; json?: boolean }>) =>
      (await import('../tick.ts')).tickCommand(flags, terminal),
  });
  add({
    usage: 'backfill <runs>',
    description: 'judge past runs, one JSON object a line, each as if it had arrived on its day',
    examples: [
      'tidemark backfill examples/nightly/runs.jsonl --config examples/nightly/tidemark.yaml',
      'tidemark backfill runs.jsonl --mail   (sends the mails of the past too)',
    ],
    options: (command) =>
      command.addOption(new Option('--send-mail').hideHelp()).option('--json', 'one JSON document'),
    act: async (file: string, flags: Flags<BackfillFlags>) =>
      (await import('../backfill.ts')).backfillCommand(file, flags, terminal),
  });
  add({
    usage: 'replay',
    description: 'rebuild job_history and metric_history from the recorded events',
    examples: ['tidemark replay', 'tidemark replay --rejected'],
    options: (command) =>
      command
        .option('--rejected', 'try the rejected messages again instead')
        .option('--reread', 'open the event files again instead of using what was recorded of them'),
    act: async (flags: Flags<{ rejected?: boolean; reread?: boolean }>) =>
      (await import('../replay.ts')).replayCommand(flags, terminal),
  });
  add({
    usage: 'demo',
    description:
      'judge the bundled history of three real trainings in a fresh state and show what came of it',
    examples: ['tidemark demo --state /tmp/tidemark-demo'],
    act: async (flags: Flags) => (await import('../demo.ts')).demoCommand(flags, terminal),
  });
}
