import { type Command, Option } from 'commander';
import type { BacktestFlags } from '../backtest.ts';
import type { CompareFlags } from '../compare-flags.ts';
import type { HistoryFlags } from '../history.ts';
import type { Terminal } from '../io.ts';
import type { MailPreviewFlags } from '../mail-preview.ts';
import type { QueryFlags } from '../query.ts';
import type { RunStatusFlags } from '../status-run.ts';
import type { Adder, Flags } from './adder.ts';

/** Commands that ask what is known. */
export function addAsking(add: Adder, terminal: Terminal): void {
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
      (await import('../history.ts')).historyCommand(test, flags, terminal),
  });
  add({
    usage: 'mail <preview> <test>',
    description: 'write the mail of a test as .html, .txt and .png without sending it',
    examples: [
      'tidemark mail preview mnist',
      'tidemark mail preview mnist --episode b8a9ce6a0f --out /tmp/mail',
    ],
    options: (command) =>
      command
        .option('--episode <id>', 'this episode instead of the newest; the beginning of its id will do')
        .option('--out <dir>', 'where to write (default mail-preview)'),
    act: async (what: string, test: string, flags: Flags<MailPreviewFlags>) =>
      (await import('../mail-preview.ts')).mailCommand([what, test], flags, terminal),
  });
  add({
    usage: 'compare [test]',
    description: 'hold two versions against each other: 0 pass, 1 fail, 3 inconclusive',
    examples: [
      'tidemark compare filtered-run --by mesos --a 1.4 --b 1.5 --metric total_wall_time --min-effect 5%',
      'tidemark compare mnist --by framework_version --a 2.15 --b 2.16 --format markdown',
      'tidemark compare --sql postgres://me@db/modelapp --baseline a --candidate b --inputs inputs_{version} --join run_id,id --pair id,request_time --value output',
    ],
    options: (command) =>
      outputOptions(command)
        .option('--by <label>', 'a label of the runs, accelerator or framework_version')
        .option('--a <value>', 'its value on the side that is known')
        .option('--b <value>', 'its value on the side that is asked about')
        .option(
          '--metric <name>',
          'only this metric; may be given again (default: those with a condition, else all)',
          (name: string, all: string[] = []) => [...all, name],
        )
        .option('--min-effect <size>', "what counts: 5% of A, or a number in the metric's unit (default 5%)")
        .option('--statistic <name>', 'mean, median, or a percentile such as p95 (default mean)')
        .option('--alpha <share>', 'false alarms over all metrics (default 0.05)')
        .option('--seed <n>', 'of the resampling; the same gives the same (default 1)')
        .option('--last <n>', 'only the newest runs')
        .option('--no-keep', 'do not keep it; else it outlives the data')
        .option('--show <id>', 'what was kept of an earlier one; the beginning of its id will do')
        .option('--list', 'the comparisons that were kept')
        .addOption(
          new Option('--format <format>', 'how to answer (default text)').choices([
            'text',
            'json',
            'markdown',
            'junit',
          ]),
        )
        .option('--json', 'one JSON document'),
    act: async (test: string | undefined, flags: Flags<CompareFlags>) =>
      (await import('../compare.ts')).compareCommand(test, flags, terminal),
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
      (await import('../backtest.ts')).backtestCommand(flags, terminal),
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
      (await import('../query.ts')).queryCommand(sql, flags, terminal),
  });
  add({
    usage: 'status [test]',
    description:
      'what is open, and how much there is of everything; of a test how its newest run stands: exit 0 it succeeded, 1 it ended otherwise, 4 it is open',
    examples: ['tidemark status', 'tidemark status contextual-model --wait 4h'],
    options: (command) =>
      command
        .option('--run <id>', 'with a test: this run instead of the newest')
        .option('--wait [duration]', 'with a test: until the run has ended, a day at most unless it is said')
        .option('--since <time>', 'with a test: only a run that began then or later, ISO 8601 with zone')
        .option('--json', 'one JSON document'),
    act: async (test: string | undefined, flags: Flags<RunStatusFlags>) =>
      test === undefined
        ? (await import('../status.ts')).statusCommand(flags, terminal)
        : (await import('../status-run.ts')).runStatusCommand(test, flags, terminal),
  });
}

/** What `compare --sql` takes. */
function outputOptions(command: Command): Command {
  return command
    .option('--sql <url>', 'outputs in Postgres: postgres://USER@HOST/DATABASE; the password from PGPASSWORD')
    .option('--baseline <version>', 'the version that is known: label version of runs, or with --sql')
    .option('--candidate <version>', 'the version that is asked about')
    .option('--value <column>', 'with --sql: what the versions said')
    .option('--pair <columns>', 'with --sql: what makes two rows the same input')
    .option('--unpaired', 'with --sql: each version had inputs of its own')
    .option('--truth <column>', 'with --sql: the right answer')
    .option('--outputs <table>', 'with --sql: default outputs_{version}')
    .option('--inputs <table>', 'with --sql: another table with columns of --pair or --truth')
    .option('--join <columns>', 'with --sql: what joins --inputs to --outputs')
    .option('--good <direction>', 'with --sql: higher, lower or neither (default: by name)')
    .option('--sql-timeout <duration>', 'with --sql: how long one statement may take (default 1m)');
}
