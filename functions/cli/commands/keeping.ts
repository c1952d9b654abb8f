import { Option } from 'commander';
import type { ImportFlags } from '../import.ts';
import type { Terminal } from '../io.ts';
import type { MigrateFlags } from '../migrate.ts';
import type { RenderFlags } from '../render.ts';
import type { RenderGateFlags } from '../render-gate.ts';
import type { Adder, Flags } from './adder.ts';

/** Commands that keep a setup in order. */
export function addKeeping(add: Adder, terminal: Terminal): void {
  add({
    usage: 'validate <config>',
    description: 'check a config file, or the METRIC_CONFIG of one test: every problem at once',
    examples: ['tidemark validate tidemark.yaml'],
    options: (command) => command.option('--json', 'one JSON document'),
    act: async (path: string, flags: Flags<{ json?: boolean }>) =>
      (await import('../validate.ts')).validateCommand(path, flags, terminal),
  });
  add({
    usage: 'render <file>',
    description:
      'make Kubernetes objects of the definition of a test (YAML, JSON, TypeScript or jsonnet), or of a gate',
    examples: [
      'tidemark render examples/templates/mnist-cpu.yaml --yaml | kubectl apply -f -',
      'tidemark render examples/templates/gemma-v6e.yaml --kind jobSet',
      'tidemark render gate --for argo-rollouts --test load --baseline 1 --policy "p95<=250ms"',
    ],
    options: (command) =>
      command
        .option('--yaml', 'YAML instead of JSON')
        .option('--for <consumer>', 'render gate: argo-rollouts, argo-workflows, flagger, ecs or github')
        .option('--test <name>', 'render gate: the test that is asked about')
        .option('--url <url>', 'render gate: where the gate answers')
        .option('--baseline <version>', 'render gate: the version, or label=value, it is held against')
        .option('--policy <text>', 'render gate: what is demanded')
        .addOption(
          new Option(
            '--kind <kind>',
            'what to make (default cronJob with a schedule, else oneshotJob)',
          ).choices(['oneshotJob', 'cronJob', 'jobSet', 'workflow']),
        ),
    act: async (file: string, flags: Flags<RenderFlags & RenderGateFlags>) =>
      file === 'gate' && flags.for !== undefined
        ? (await import('../render-gate.ts')).renderGate(flags, terminal)
        : (await import('../render.ts')).renderCommand(file, flags, terminal),
  });
  add({
    usage: 'doctor',
    description: 'what is configured, which resources and rights it needs, and whether they are there',
    examples: ['tidemark doctor'],
    options: (command) => command.option('--json', 'one JSON document'),
    act: async (flags: Flags<{ json?: boolean }>) =>
      (await import('../doctor.ts')).doctorCommand(flags, terminal),
  });
  add({
    usage: 'import <system> <files...>',
    description: 'take over the history of mta (ml-testing-accelerators) or xlml (ml-auto-solutions)',
    examples: [
      'tidemark import mta job_history.csv metric_history.csv',
      'tidemark import xlml metric_report.jsonl --test-name gemma --finished-at 2026-08-01T02:15:00Z',
    ],
    options: (command) =>
      command
        .option('--test-name <name>', 'xlml: the test of lines that do not name one')
        .option('--finished-at <time>', 'xlml: the end of runs whose lines do not tell it')
        .option('--json', 'one JSON document'),
    act: async (system: string, files: string[], flags: Flags<ImportFlags>) =>
      (await import('../import.ts')).importCommand({ system, files }, flags, terminal),
  });
  add({
    usage: 'migrate <from> <to>',
    description: 'copy a history between SQLite and BigQuery, all of it, and compare both',
    examples: [
      'tidemark migrate sqlite:.tidemark/tidemark.db bigquery://my-project/metrics --lease gs://my-state/tick.json',
      'tidemark migrate "bigquery://my-project/metrics?location=EU" sqlite:copy.db --dry-run',
    ],
    options: (command) =>
      command
        .option('--dry-run', 'only say what would be copied')
        .option('--replace', 'write over rows that have the same key and other contents')
        .option('--json', 'one JSON document'),
    act: async (from: string, to: string, flags: Flags<MigrateFlags>) =>
      (await import('../migrate.ts')).migrateCommand({ from, to }, flags, terminal),
  });
}
