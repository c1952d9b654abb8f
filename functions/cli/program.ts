import { Command } from 'commander';
import pkg from '../../package.json' with { type: 'json' };
import { commandAdder } from './commands/adder.ts';
import { addAsking } from './commands/asking.ts';
import { addDeciding } from './commands/deciding.ts';
import { addGating } from './commands/gating.ts';
import { addJudging } from './commands/judging.ts';
import { addKeeping } from './commands/keeping.ts';
import { addProducing } from './commands/producing.ts';
import { addReading } from './commands/reading.ts';
import type { Terminal } from './io.ts';

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
  addGating(add, terminal);
  addAsking(add, terminal);
  addDeciding(add, terminal);
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
