import type { Episode } from '../core/episodes/episode.ts';
import { pipelineSight, type TickSeen } from '../core/episodes/pipeline-sight.ts';
import { isOfTidemark, TIDEMARK_ITSELF } from '../core/episodes/tidemark-itself.ts';
import type { Ports, Settings } from './context.ts';
import { recordClock } from './watch-clock.ts';

/**
 * Records what a tick says of Tidemark itself. `open`: all open episodes. A tick that did its work while none of them is
 * Tidemark's own, which is nearly every tick, asks nothing and writes nothing.
 */
export async function watchPipeline(
  ports: Ports,
  settings: Settings,
  { seen, open }: { readonly seen: TickSeen; readonly open: readonly Episode[] },
): Promise<void> {
  const isQuiet = seen.troubles.length === 0 && !open.some(isOfTidemark);
  if (isQuiet) return;
  const newest = (await ports.history.episodesOf(TIDEMARK_ITSELF)).find(isOfTidemark) ?? null;
  const sight = pipelineSight(seen, newest);
  if (sight !== null) await recordClock(new Map([[TIDEMARK_ITSELF, [sight]]]), ports, settings);
}
