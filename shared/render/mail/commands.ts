import type { Notice } from '../../core/episodes/notice.ts';
import { isOfTidemark } from '../../core/episodes/tidemark-itself.ts';
import { isPlain, plain } from '../plain.ts';
import { shellCommand, shellWord } from '../shell.ts';
import type { Command } from './document.ts';
import { pipelineCommands } from './pipeline-words.ts';
import { nameOf } from './words.ts';

/** A longer name cannot be pasted with any profit. */
const LONGEST_NAME = 200;
/** As much of an id as a person needs; the commands take any beginning that is of one episode only. */
const SHORT_ID = 10;

/** Commands to look further and to answer, built from the names as they are: what is pasted must find the test. */
export function commandsOf({ episode, kind }: Notice, command: string): Command[] {
  const { testName, signal, episodeId } = episode;
  if (testName.length > LONGEST_NAME) return [];
  const tidemark = plain(command);
  const metric = signal.startsWith('metric:') ? signal.slice('metric:'.length) : null;
  const usable = metric !== null && metric.length <= LONGEST_NAME ? metric : null;
  const id = shellWord(episodeId.slice(0, SHORT_ID));
  const isOver = kind === 'recovered' || kind === 'closed';
  if (isOfTidemark(episode)) return pipelineCommands(tidemark, { id, isOver });
  const see: Command[] = [
    { what: 'The newest verdict and its reasons', command: shellCommand(`${tidemark} verdict`, testName) },
    ...(usable === null
      ? []
      : [
          {
            what: `The series of ${nameOf(signal)}`,
            command: shellCommand(`${tidemark} history`, testName, { metric: usable }),
          },
        ]),
    ...rowsCommand(tidemark, { testName, metric: usable }),
    { what: 'All its episodes', command: shellCommand(`${tidemark} episodes`, testName) },
  ];
  if (isOver) return see;
  return [
    ...see,
    {
      what: `No reminders of ${nameOf(signal)} for a week`,
      command: `${tidemark} ack ${id} --for 7d --note 'looking at it'`,
    },
    {
      what: 'No mail at all of this test for a week',
      command: `${tidemark} silence ${shellWord(`test=${testName}`)} --for 7d --note 'why'`,
    },
    ...(usable === null
      ? []
      : [
          {
            what: `Take ${nameOf(signal)} as the new normal`,
            command: `${tidemark} accept ${id} --note 'why'`,
          },
        ]),
  ];
}

/** SQL for both stores; they escape quotes differently, so names that hold one get none. */
function rowsCommand(
  tidemark: string,
  { testName, metric }: { readonly testName: string; readonly metric: string | null },
): Command[] {
  if (metric === null || !isLiteral(testName) || !isLiteral(metric)) return [];
  const sql = `SELECT timestamp, run_id, metric_value, metric_lower_bound, metric_upper_bound, verdict, reason FROM metric_history WHERE test_name = '${testName}' AND metric_name = '${metric}' ORDER BY timestamp DESC LIMIT 30`;
  return [{ what: 'Its rows', command: `${tidemark} query "${sql}"` }];
}

/** Fit for an SQL text in single quotes inside a shell word in double quotes. */
function isLiteral(text: string): boolean {
  return isPlain(text) && !/['"\\`$!]/.test(text);
}
