import { type Command, Option } from 'commander';
import type { GateFlags } from '../gate.ts';
import type { Terminal } from '../io.ts';
import type { PreviousFlags } from '../previous.ts';
import type { RollbackFlags } from '../rollback-report.ts';
import type { VerdictFlags } from '../verdict.ts';
import type { Adder, Flags } from './adder.ts';

/** Commands that say whether a version may go on. */
export function addGating(add: Adder, terminal: Terminal): void {
  add({
    usage: 'verdict <test>',
    description:
      'the verdict of the newest run, or of a version, with its reasons; exit 0 pass, 1 fail, 3 inconclusive, 4 pending',
    examples: [
      'tidemark verdict mnist',
      'tidemark verdict mnist --run mnist-7 --wait 15m --json',
      'tidemark verdict load --version 2 --baseline 1 --policy "p95<=250ms,p95<=1.2x,failed<=0.01" --wait 15m',
      'tidemark verdict load --explain 3f9a1c2b',
    ],
    options: (command) =>
      versionOptions(command)
        .option('--run <id>', 'this run instead of the newest')
        .option('--wait <duration>', 'wait this long for a run that is pending')
        .option('--explain', 'judge it again, and say from which runs; with an id, a verdict that was kept')
        .addOption(new Option('--explain-id <id>').hideHelp())
        .option('--json', 'one JSON document'),
    act: async (test: string, flags: Flags<VerdictFlags>) =>
      (await import('../verdict.ts')).verdictCommand(test, flags, terminal),
  });
  add({
    usage: 'gate',
    description: 'answer over HTTP whether versions may go on: GET /v1/verdict, GET or POST /v1/gate',
    examples: ['tidemark gate --port 8181'],
    options: (command) =>
      command
        .option('--port <n>', 'where to listen (default 8181; 0: any)')
        .option('--host <address>', 'on which address (default 127.0.0.1)'),
    act: async (flags: Flags<GateFlags>) => (await import('../gate.ts')).gateCommand(flags, terminal),
  });
  add({
    usage: 'previous <test>',
    description: 'the version before the one in place, to go back to; exit 1 where there is none',
    examples: ['tidemark previous load --label alias=production'],
    options: (command) =>
      command
        .option(
          '--label <key=value>',
          'among runs with this label; an alias of MLflow by its announcements, too',
        )
        .option('--json', 'one JSON document'),
    act: async (test: string, flags: Flags<PreviousFlags>) =>
      (await import('../previous.ts')).previousCommand(test, flags, terminal),
  });
  add({
    usage: 'rollback-report [version]',
    description: 'the tests whose verdict failed since a version, or a label, appeared',
    examples: ['tidemark rollback-report 1.5', 'tidemark rollback-report --label mesos=1.5 --json'],
    options: (command) =>
      command
        .option('--label <key=value>', 'this label instead of a version')
        .option('--json', 'one JSON document'),
    act: async (version: string | undefined, flags: Flags<RollbackFlags>) =>
      (await import('../rollback-report.ts')).rollbackCommand(version, flags, terminal),
  });
}

function versionOptions(command: Command): Command {
  return (
    command
      // The parser takes `--version` for that of the program wherever it stands; see `namedArguments`.
      .option(
        '--version <version>',
        'of the runs that have this version: label "version", else the framework\'s',
      )
      .addOption(new Option('--of-version <version>').hideHelp())
      .option('--baseline <version>', 'with --version: the version, or label=value, it is held against')
      .option('--baseline-label <key=value>', 'with --version: the label of the runs it is held against')
      .option('--policy <text>', 'with --version: what is demanded, instead of the conditions of its runs')
      .option('--runs <n>', 'with --version: its newest n runs together, by their median (default 1)')
      .addOption(
        new Option(
          '--on-inconclusive <verdict>',
          'with --version: what an inconclusive answer becomes',
        ).choices(['fail', 'pass']),
      )
      .addOption(
        new Option('--format <format>', 'with --version: how to answer (default text)').choices([
          'text',
          'json',
          'github',
          'junit',
        ]),
      )
      .option('--soft', 'with --version: exit 0 with any answer but pending')
      .option('--out <file>', 'with --version: write the word of the verdict there')
      .option('--no-keep', 'with --version: do not keep it')
  );
}
