import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WaitingNotice } from '../../shared/ports/episodes.ts';
import type { History } from '../../shared/ports/history.ts';
import { colors } from '../../shared/render/color.ts';
import { headline } from '../../shared/render/mail/headline.ts';
import { formatNumber } from '../../shared/render/number.ts';
import { shellWord } from '../../shared/render/shell.ts';
import { sparkline } from '../../shared/render/sparkline.ts';
import { historyFile } from '../adapters.ts';
import type { GlobalFlags, Setup } from '../config.ts';
import { UsageError } from '../errors.ts';
import { packageFolder } from '../package-folder.ts';
import { withHistory } from '../ports.ts';
import { backfillFile } from './backfill.ts';
import { oneLine, type Terminal } from './io.ts';
import { begin } from './open-ports.ts';
import { shortTime, verdictColumn, whyText } from './summary.ts';

const DEFAULT_FOLDER = '.tidemark-demo';
/** Only a folder that holds this was made by the demo and may be made anew. */
const MARKER = 'made-by-tidemark-demo';
/** What a state consists of; whatever else lies in the folder is somebody's own. */
const PARTS = /^(?:(?:tidemark|lease)\.db.*|mail|spool|unsent)$/;
const EXAMPLE = join('examples', 'nightly');

/** Judges the bundled runs in a fresh state and shows verdicts, series and alerts. */
export async function demoCommand(flags: GlobalFlags, terminal: Terminal): Promise<number> {
  const state = flags.state ?? terminal.env.TIDEMARK_STATE ?? DEFAULT_FOLDER;
  const example = join(packageFolder(), EXAMPLE);
  const config = join(example, 'tidemark.yaml');
  makeFresh(state);
  // Nothing else of flags and environment: the runs and mails of the demo must not reach a real history.
  const now = flags.now ?? terminal.env.TIDEMARK_NOW;
  const own: Terminal = { ...terminal, env: {} };
  const command = await begin({ config, state, ...(now === undefined ? {} : { now }) }, own);
  terminal.err('Judging 45 nights of three real trainings, each run as if it had arrived on its day …\n');
  const quiet: Terminal = { ...own, err: () => {} };
  const begun = performance.now();
  await backfillFile(
    join(example, 'runs.jsonl'),
    { command, mail: true },
    { ...quiet, interactive: terminal.interactive },
  );
  const seconds = (performance.now() - begun) / 1000;
  await withHistory(command.setup, terminal.env, async (history) => {
    for (const testName of command.setup.tests.keys()) {
      terminal.out(`${await testText(testName, { history, setup: command.setup }, terminal)}\n`);
    }
    const counts = await history.counts();
    terminal.out(
      `${counts.finished_runs} runs, ${counts.metric_rows} metric rows in ${seconds.toFixed(1)} s.\n\n${placesText(command.setup, state)}`,
    );
  });
  return 0;
}

/** Takes away what an earlier demo made; refuses a folder that holds anything and was not made by one. */
function makeFresh(state: string): void {
  const marker = join(state, MARKER);
  const entries = existsSync(state) ? readdirSync(state) : [];
  if (entries.length > 0 && !existsSync(marker)) {
    throw new UsageError(
      `Cannot make ${state} anew: it is not empty and not the demo's; name another folder with --state`,
    );
  }
  for (const name of entries)
    if (PARTS.test(name)) rmSync(join(state, name), { recursive: true, force: true });
  mkdirSync(state, { recursive: true });
  writeFileSync(marker, '');
}

interface Source {
  readonly history: History;
  readonly setup: Setup;
}

/** One test: its newest verdict, its main metric with bounds, and what was alerted on which night. */
async function testText(testName: string, { history, setup }: Source, terminal: Terminal): Promise<string> {
  const color = colors(terminal.color);
  const view = await history.findRun(testName, null);
  const job = view?.job;
  if (view === null || job === null || job === undefined) return `${testName}: no run`;
  const verdict = verdictColumn('').paint!(job.verdict, { text: job.verdict, color });
  const why = whyText(job, view.metrics);
  const lines = [
    `${color.bold(testName)}  newest run ${shortTime(job.finishedAt)}: ${verdict}${why === '' ? '' : ` — ${oneLine(why)}`}`,
    ...(await mainSeries(testName, { history, setup }, terminal)),
    ...alertLines(await history.notices(testName), terminal),
  ];
  return `${lines.join('\n')}\n`;
}

async function mainSeries(
  testName: string,
  { history, setup }: Source,
  terminal: Terminal,
): Promise<string[]> {
  const conditions = setup.tests.get(testName)?.regression_test_config?.metric_success_conditions ?? {};
  const [metric] = Object.keys(conditions);
  if (metric === undefined) return [];
  const points = await history.series(testName, metric, 45);
  const newest = points.findLast(({ lower, upper }) => lower !== null || upper !== null);
  const { lower = null, upper = null } = newest ?? {};
  const { red, dim } = colors(terminal.color);
  const values = points.map(({ value }) => value);
  const bound = [
    lower === null ? null : `above ${formatNumber(lower)}`,
    upper === null ? null : `below ${formatNumber(upper)}`,
  ].filter((text) => text !== null);
  return [
    `  ${sparkline(values, { lower, upper, outside: red })}  ${metric} ${dim(`(must be ${bound.join(' and ')})`)}`,
  ];
}

function alertLines(notices: readonly WaitingNotice[], terminal: Terminal): string[] {
  const { yellow, green } = colors(terminal.color);
  return notices.flatMap(({ notice }) => {
    if (notice.episode.polarity === 'good') return [];
    const night = shortTime(notice.at).slice(0, 10);
    const word = notice.kind === 'recovered' ? green('over ') : yellow('alert');
    return [`  ${word} ${night}  ${oneLine(headline(notice))}`];
  });
}

function placesText(setup: Setup, state: string): string {
  const [, mailFolder] = /^eml:(.*)$/.exec(setup.mail) ?? [];
  // From the bundle there are no scripts of npm to call.
  const tool = `${import.meta.url.endsWith('.ts') ? 'npm run -s tidemark --' : 'npx tidemark'} --state ${shellWord(state)}`;
  return `The database: ${historyFile(setup.history)}
The mails:    ${mailFolder} (open an .html in a browser)

Try next:
  ${tool} history digits-mlp-func-v2-8 --metric accuracy/test_final --last 45
  ${tool} verdict wine-linear-conv-v3-8
  ${tool} query "select timestamp, verdict, job_status from job_history where verdict <> 'pass'"
`;
}
