import { type Command, InvalidArgumentError, Option } from 'commander';

/** What `read` takes. */
export function readFlags(command: Command): Command {
  const choice = (flag: string, text: string, of: string[]) => new Option(flag, text).choices(of);
  return command
    .option('--json', 'one JSON document')
    .option('--csv', 'comma-separated values, a line for each tag')
    .option('--points', 'every point, one JSON object a line; with --csv, a line')
    .option('--tag <glob>', 'only tags that match; * and ? are wild')
    .addOption(
      choice('--restart <policy>', 'what a step that comes again does', ['preempt', 'session', 'keep']),
    )
    .addOption(
      choice('--duplicates <policy>', 'what stands for a step that is still there twice', [
        'last',
        'first',
        'all',
        'mean',
      ]),
    )
    .addOption(
      choice('--verify <policy>', 'which checksums are checked (default full)', ['full', 'parsed', 'length']),
    )
    .option(
      '--resync [mib]',
      'look so far behind a damaged length for the next record (default 64)',
      mebibytes,
    )
    .option('--strict', 'exit 1 when a file is damaged');
}

function mebibytes(text: string): number {
  const size = Number(text);
  if (Number.isInteger(size) && size > 0 && size <= 4096) return size;
  throw new InvalidArgumentError('Wanted a whole number of MiB from 1 to 4096.');
}
