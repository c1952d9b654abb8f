import { fileEventFiles } from '../../shared/adapters/file/event-files.ts';
import type { EventFiles } from '../../shared/ports/event-files.ts';
import type { Terminal } from './io.ts';
import { isObject } from './read-words.ts';

/** Opens where the paths of `read` lie; what reads objects is loaded only for them. */
export function openPlaces({
  env,
}: Pick<Terminal, 'env'>): (paths: readonly string[]) => Promise<EventFiles> {
  return async (paths) => {
    if (!paths.some(isObject)) return fileEventFiles();
    const { openEventFiles } = await import('../event-files.ts');
    // Told that all of it is far away, it has several runs read at once.
    const roots = paths.every(isObject) ? paths : undefined;
    return openEventFiles({ roots, onOneMachine: true }, env);
  };
}
