import type { Episode, RunPoint } from '../../core/episodes/episode.ts';
import type { Notice } from '../../core/episodes/notice.ts';
import type { TroubleWord } from '../../core/episodes/pipeline-sight.ts';
import { shellCommand } from '../shell.ts';
import type { Command, Fact } from './document.ts';
import { shown, timeText } from './words.ts';

/** What each trouble of Tidemark itself is, in words, and the name of the line that tells what was said. */
const WORDS: Readonly<Record<TroubleWord, { readonly what: string; readonly label: string }>> = {
  queue: { what: 'the queue cannot be emptied', label: 'Queue' },
  defect: { what: 'runs that have ended cannot be judged', label: 'Runs' },
  files: { what: 'the event files of runs are out of reach', label: 'Files' },
};

function troublesOf({ facts }: RunPoint): (readonly [word: TroubleWord, said: string])[] {
  return Object.entries(facts).filter((entry): entry is [TroubleWord, string] => entry[0] in WORDS);
}

/** What a bad tick could not do: `the queue cannot be emptied`. */
export function troubleText(tick: RunPoint): string {
  const words = troublesOf(tick).map(([word]) => WORDS[word].what);
  return words.length === 0 ? 'it cannot do its work' : words.join(', and ');
}

/** What is wrong with Tidemark itself, as `happening` says it of a test. */
export function pipelineHappening({ episode }: Notice): {
  readonly short: string;
  readonly sentence: string;
} {
  const { firstBad, lastBad } = episode;
  const what = troubleText(lastBad);
  const waits = 'Messages and runs stay where they are and are taken up when it is over';
  return {
    short: what,
    sentence: `Tidemark cannot do its work since ${timeText(firstBad.at)}: ${what}. ${waits}; until then nobody is reminded of anything else.`,
  };
}

/** What was said by what did not work. */
export function pipelineFacts({ lastBad }: Episode): Fact[] {
  return troublesOf(lastBad).map(([word, said]) => ({ label: WORDS[word].label, parts: [shown(said, 500)] }));
}

/** Where to look, and how to answer. `id`: the episode's, as a shell word; `isOver`: there is nothing left to answer. */
export function pipelineCommands(
  tidemark: string,
  { id, isOver }: { readonly id: string; readonly isOver: boolean },
): Command[] {
  const see: Command[] = [
    { what: 'What does not answer, and what that needs', command: `${tidemark} doctor` },
    { what: 'What is open and what did not get through', command: `${tidemark} status` },
    { what: 'Every tick of it, with what was said', command: `${tidemark} episode ${id}` },
  ];
  if (isOver) return see;
  return [
    ...see,
    {
      what: 'No reminders of it for a week',
      command: `${tidemark} ack ${id} --for 7d --note 'looking at it'`,
    },
    {
      what: 'No mail at all of Tidemark itself for a week',
      command: `${shellCommand(`${tidemark} silence`, 'signal=pipeline')} --for 7d --note 'why'`,
    },
  ];
}
