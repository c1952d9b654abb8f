import type { Episode } from './episode.ts';

/** In the place of a test's name: the incident is one of Tidemark itself. No message or config can bring an empty name. */
export const TIDEMARK_ITSELF = '';

/** Whether an episode is one of Tidemark itself, and of no test. */
export function isOfTidemark({ signal }: Pick<Episode, 'signal'>): boolean {
  return signal === 'pipeline';
}
