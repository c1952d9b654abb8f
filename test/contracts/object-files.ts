import { expect, test } from 'vitest';
import type { EventFiles } from '../../shared/ports/event-files.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import type { Fault } from '../support/fault-rules.ts';
import { concat } from '../support/tfevents-writer.ts';

/** All bytes of all event files under a place, one file behind the other. */
export async function readAll(store: EventFiles, place: string): Promise<Uint8Array> {
  const { files } = await store.list(place);
  const chunks: Uint8Array[] = [];
  for (const file of files) for await (const chunk of store.open(file)) chunks.push(chunk.slice());
  return concat(chunks);
}

/** A store of objects behind a proxy, as it stands while a test runs. */
export interface ObjectFilesBehindProxy {
  readonly proxy: () => FaultProxy;
  readonly place: () => string;
  /** A store that asks the proxy, and gives up early with `isHasty`. */
  readonly open: (more?: { readonly isHasty: boolean }) => EventFiles;
  /** The paths of downloads. */
  readonly download: RegExp;
}

/** What every store of objects does when its server hangs, trickles or is gone; within a `describe` of the adapter. */
export function givesUpOnObjects({ proxy, place, open, download }: ObjectFilesBehindProxy): void {
  test.each<[string, Fault]>([
    ['never answers', { kind: 'hang' }],
    ['trickles', { kind: 'trickle', bytes: 1, ms: 10 }],
  ])('a service that %s is given up', async (_what, fault) => {
    proxy().use([{ path: download, fault }]);
    await expect(readAll(open({ isHasty: true }), place())).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('no answer came within'),
    });
  });

  test('nobody listening is a place out of reach', async () => {
    const store = open();
    await proxy().close();
    await expect(store.list(place())).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
}
