import { Command, Option } from 'commander';
import pkg from '../../package.json' with { type: 'json' };
import type { GlobalFlags } from '../config.ts';
import type { BackfillFlags } from './backfill.ts';
import type { BacktestFlags } from './backtest.ts';
import type { HealthFlags } from './health.ts';
import type { HistoryFlags } from './history.ts';
import type { ImportFlags } from './import.ts';
import type { Terminal } from './io.ts';
import type { MigrateFlags } from './migrate.ts';
import type { ProducerFlags } from './producer.ts';
import type { QueryFlags } from './query.ts';
import type { ReadOptions } from './read.ts';
import { readFlags } from './read-flags.ts';
import type { RenderFlags } from './render.ts';
import type { VerdictFlags } from './verdict.ts';

type Flags<T = object> = T & GlobalFlags;

/** The commands: what each is called, what it takes, an example. Each loads only what it uses. */
export function program(terminal: Terminal, done: (code: number, command: string) => void): Command {
  const top = new Command('tidemark')
    .description('Regression watch for ML jobs: exact metrics, verdicts from thresholds and history, mails.')
    .version(pkg.version, '-V, --version', 'print the version')
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      getOutHelpWidth: () => terminal.width,
    })
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .showHelpAfterError('(tidemark COMMAND --help shows what a command takes)')
    .exitOverride();
  addGlobalOptions(top);
  top.addHelpText('after', TOP_EXAMPLES);
  const add = commandAdder(top, done);
  addReading(add, terminal);
  addProducing(add, terminal);
  addJudging(add, terminal);
  addAsking(add, terminal);
  addKeeping(add, terminal);
  return top;
}

function addGlobalOptions(top: Command): void {
  top
    .option('--state <dir>', 'folder of all embedded parts (default ".tidemark", or TIDEMARK_STATE)')
    .option('--config <file>', 'config file (default tidemark.yaml, .yml or .json, or TIDEMARK_CONFIG)')
    .option('--queue <url>', 'where messages come from: spool:FOLDER or pubsub://… (or TIDEMARK_QUEUE)')
    .option('--history <url>', 'where history lies: sqlite:FILE or bigquery://… (or TIDEMARK_HISTORY)')
    .option('--mail <url>', 'where mails go: eml:FOLDER or smtp://USER@HOST:587 (or TIDEMARK_MAIL)')
    .option('--lease <url>', 'what lets one tick at a time work: gs://BUCKET/OBJECT (or TIDEMARK_LEASE)')
    .option('--now <time>', 'the clock of this command, as ISO 8601 time');
}

const TOP_EXAMPLES = `
Examples:
  $ tidemark demo                                   judge 45 nights of three real trainings
  $ tidemark run --test-name mnist --model-dir out -- python train.py
  $ tidemark tick                                   judge what has finished, mail what got worse
  $ tidemark verdict mnist                          exit 0 pass, 1 fail, 3 inconclusive, 4 pending
  $ tidemark query "select * from job_history"
`;

/** One command: what it is called and takes, what its help shows, and what it does. */
interface CommandSpec {
  readonly usage: string;
  readonly description: string;
  readonly examples: readonly string[];
  /** Adds its options. */
  readonly options?: (command: Command) => Command;
  /** Gets the arguments in order, then all flags; answers with the exit code. */
  readonly act: (...args: never[]) => Promise<number>;
}

type Adder = (spec: CommandSpec) => void;

function commandAdder(top: Command, done: (code: number, command: string) => void): Adder {
  return ({ usage, description, examples, options = asIs, act }) => {
    const command = options(top.command(usage).description(description));
    const shown = examples.map((example) => `  $ ${example}`).join('\n');
    command.addHelpText('after', `\nExample${examples.length > 1 ? 's' : ''}:\n${shown}\n`);
    command.action(async (...args: unknown[]) => {
      const positional = args.slice(0, -2);
      done(await act(...([...positional, command.optsWithGlobals()] as never[])), command.name());
    });
  };
}

const asIs = (command: Command) => command;

function addReading(add: Adder, terminal: Terminal): void {
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
      const { openPlaces } = await import('./read-places.ts');
      return (await import('./read.ts')).read(paths, flags, { ...terminal, open: openPlaces(terminal) });
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
      (await import('./health.ts')).healthCommand(path, flags, terminal),
  });
}

function addProducing(add: Adder, terminal: Terminal): void {
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
          .option('--outcome <outcome>', 'it has ended: success, failure, timeout, cancelled, …')
          .option('--started-at <time>', 'ISO 8601 with zone')
          .option('--finished-at <time>', 'ISO 8601 with zone (default: now)')
          .option('--metric-config <file>', 'what to collect and demand, JSON or YAML')
          .option('--strict', 'exit 70 when the message was not published, 2 when its config is broken'),
      ),
    act: async (flags: Flags<ProducerFlags>) =>
      (await import('./producer.ts')).publishCommand(flags, terminal),
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
      (await import('./producer.ts')).runCommand(command, flags, terminal),
  });
  add({
    usage: 'flush',
    description: 'deliver messages that could not be published',
    examples: ['tidemark flush'],
    act: async (flags: Flags) => (await import('./producer.ts')).flushCommand(flags, terminal),
  });
}

function addJudging(add: Adder, terminal: Terminal): void {
  add({
    usage: 'tick',
    description: 'one pass: queue, outcomes, metrics, verdicts, mails',
    examples: ['tidemark tick', 'tidemark tick --every 15m'],
    options: (command) =>
      command
        .option('--every <duration>', 'again and again until stopped')
        .option('--json', 'one JSON document a pass'),
    act: async (flags: Flags<{ every?: string; json?: boolean }>) =>
      (await import('./tick.ts')).tickCommand(flags, terminal),
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
      (await import('./backfill.ts')).backfillCommand(file, flags, terminal),
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
      (await import('./replay.ts')).replayCommand(flags, terminal),
  });
  add({
    usage: 'demo',
    description:
      'judge the bundled history of three real trainings in a fresh state and show what came of it',
    examples: ['tidemark demo --state /tmp/tidemark-demo'],
    act: async (flags: Flags) => (await import('./demo.ts')).demoCommand(flags, terminal),
  });
}

function addAsking(add: Adder, terminal: Terminal): void {
  add({
    usage: 'verdict <test>',
    description: "the newest run's verdict with its reasons; exit 0 pass, 1 fail, 3 inconclusive, 4 pending",
    examples: ['tidemark verdict mnist', 'tidemark verdict mnist --run mnist-7 --wait 15m --json'],
    options: (command) =>
      command
        .option('--run <id>', 'this run instead of the newest')
        .option('--wait <duration>', 'wait this long for a run that is pending')
        .option('--explain', 'judge it again, and say from which runs and how unusual it is')
        .option('--json', 'one JSON document'),
    act: async (test: string, flags: Flags<VerdictFlags>) =>
      (await import('./verdict.ts')).verdictCommand(test, flags, terminal),
  });
  add({
    usage: 'history <test>',
    description: 'the series of a test with bounds and verdicts',
    examples: ['tidemark history mnist', 'tidemark history mnist --metric accuracy_final --last 50'],
    options: (command) =>
      command
        .option('--metric <name>', 'this metric, run by run')
        .option('--last <n>', 'how many runs (default 30)')
        .option('--json', 'one JSON document')
        .option('--csv', 'comma-separated values'),
    act: async (test: string, flags: Flags<HistoryFlags>) =>
      (await import('./history.ts')).historyCommand(test, flags, terminal),
  });
  add({
    usage: 'backtest',
    description: 'what rules would have said on history, how often, and what they would miss',
    examples: [
      'tidemark backtest --test mnist --metric accuracy_final',
      'tidemark backtest --input series.jsonl --rule auto --rule stddevs=5 --html backtest.html',
    ],
    options: (command) =>
      command
        .option('--test <name>', 'the metrics of this test, from history')
        .option('--metric <name>', 'only this metric')
        .option('--last <n>', 'only the newest runs')
        .option('--good <direction>', 'higher, lower or neither (default: by config, else by name)')
        .option('--input <file>', 'series from a file, one JSON object a line; - for standard input')
        .option(
          '--rule <rule>',
          'auto, stddevs=5, mads=4, interval=0.999, percent=5, otava, perfherder, …; may be given again',
          (rule: string, all: string[] = []) => [...all, rule],
        )
        .option('--html <file>', 'write a page with plots')
        .option('--power', 'with --json too: put changes into the series and count those that are told')
        .option('--json', 'one JSON object a line'),
    act: async (flags: Flags<BacktestFlags>) =>
      (await import('./backtest.ts')).backtestCommand(flags, terminal),
  });
  add({
    usage: 'query <sql>',
    description: 'read-only SQL over job_history, metric_history and the other tables',
    examples: ['tidemark query "select test_name, verdict, count(*) from job_history group by 1, 2"'],
    options: (command) =>
      command
        .option('--format <format>', 'table, json or csv (default table)')
        .option('--max-bytes <size>', 'on BigQuery: refuse to read more, such as 500MB (default 10GB)'),
    act: async (sql: string, flags: Flags<QueryFlags>) =>
      (await import('./query.ts')).queryCommand(sql, flags, terminal),
  });
  add({
    usage: 'status',
    description: 'what is open, and how much there is of everything',
    examples: ['tidemark status'],
    options: (command) => command.option('--json', 'one JSON document'),
    act: async (flags: Flags<{ json?: boolean }>) =>
      (await import('./status.ts')).statusCommand(flags, terminal),
  });
}

function addKeeping(add: Adder, terminal: Terminal): void {
  add({
    usage: 'validate <config>',
    description: 'check a config file, or the METRIC_CONFIG of one test: every problem at once',
    examples: ['tidemark validate tidemark.yaml'],
    options: (command) => command.option('--json', 'one JSON document'),
    act: async (path: string, flags: Flags<{ json?: boolean }>) =>
      (await import('./validate.ts')).validateCommand(path, flags, terminal),
  });
  add({
    usage: 'render <file>',
    description: 'make Kubernetes objects of the definition of a test: YAML, JSON, TypeScript or jsonnet',
    examples: [
      'tidemark render examples/templates/mnist-cpu.yaml --yaml | kubectl apply -f -',
      'tidemark render examples/templates/gemma-v6e.yaml --kind jobSet',
    ],
    options: (command) =>
      command
        .option('--yaml', 'YAML instead of JSON')
        .addOption(
          new Option(
            '--kind <kind>',
            'what to make (default cronJob with a schedule, else oneshotJob)',
          ).choices(['oneshotJob', 'cronJob', 'jobSet', 'workflow']),
        ),
    act: async (file: string, flags: Flags<RenderFlags>) =>
      (await import('./render.ts')).renderCommand(file, flags, terminal),
  });
  add({
    usage: 'doctor',
    description: 'what is configured, which resources and rights it needs, and whether they are there',
    examples: ['tidemark doctor'],
    options: (command) => command.option('--json', 'one JSON document'),
    act: async (flags: Flags<{ json?: boolean }>) =>
      (await import('./doctor.ts')).doctorCommand(flags, terminal),
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
      (await import('./import.ts')).importCommand({ system, files }, flags, terminal),
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
      (await import('./migrate.ts')).migrateCommand({ from, to }, flags, terminal),
  });
}
