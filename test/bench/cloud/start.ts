import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from '../table.ts';
import { type Served, SOURCES, serve } from './function.ts';
import { countedStage } from './stage.ts';

const BARE = `
  import { createServer } from 'node:http';
  const server = createServer((_, response) => response.end('{}'));
  server.listen(0, '127.0.0.1', () => console.log('listening ' + server.address().port));
`;

interface Start {
  readonly name: string;
  readonly served: Served;
  readonly env: Readonly<Record<string, string>>;
  /** What the first answer has to be; a wrong config is refused before anything of Google's is loaded. */
  readonly status: number;
}

/**
 * From starting a process to its first HTTP answer. A bare Node and an empty function of the framework stand beside
 * it; the answer to a config that is refused needs no SDK, an empty tick needs all of them, and its stand-ins.
 */
export async function startFigures(options: {
  readonly bundle: string;
  readonly starts: number;
  readonly tell: (line: string) => void;
}): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  const stage = await countedStage(0);
  const refused = join(folder, 'tidemark.json');
  writeFileSync(refused, '{}');
  const bundled = { module: options.bundle };
  const sources = { module: SOURCES };
  const plain = { TIDEMARK_CONFIG: refused };
  const starts: readonly Start[] = [
    { name: 'bare Node, first answer', served: { program: BARE }, env: {}, status: 200 },
    {
      name: 'framework with an empty function, first answer',
      served: { program: EMPTY },
      env: {},
      status: 200,
    },
    { name: 'bundle, first answer (config refused, no SDK)', served: bundled, env: plain, status: 500 },
    { name: 'sources, first answer (config refused, no SDK)', served: sources, env: plain, status: 500 },
    { name: 'bundle, first answer (empty tick, every SDK)', served: bundled, env: stage.env, status: 200 },
    { name: 'sources, first answer (empty tick, every SDK)', served: sources, env: stage.env, status: 200 },
  ];
  try {
    return await inTurn(starts, options);
  } finally {
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const EMPTY = `
  import * as ff from '@google-cloud/functions-framework';
  import { getTestServer } from '@google-cloud/functions-framework/testing';
  ff.http('tick', (_, response) => response.json({}));
  const server = getTestServer('tick');
  server.listen(0, '127.0.0.1', () => console.log('listening ' + server.address().port));
`;

/** Turn about, so that a busy moment of the machine meets all of them; the first round fills the caches. */
async function inTurn(
  all: readonly Start[],
  { starts, tell }: { readonly starts: number; readonly tell: (line: string) => void },
): Promise<Figure[]> {
  const samples = all.map((): number[] => []);
  const again: number[] = [];
  for (let round = -1; round < starts; round++) {
    for (const [at, start] of all.entries()) {
      const { first, second } = await measured(start);
      if (round < 0) continue;
      samples[at]!.push(first);
      if (at === all.length - 1) again.push(second);
    }
  }
  tell(`each kind of process started ${starts} times`);
  const figures = all.map(({ name }, at) => ({ name, unit: 'ms', samples: samples[at]! }));
  return [...figures, { name: 'the same empty tick in a process that is warm', unit: 'ms', samples: again }];
}

async function measured({ name, served, env, status: wanted }: Start) {
  const begun = performance.now();
  const serving = await serve(served, env);
  try {
    const { status, body } = await serving.call();
    const first = performance.now() - begun;
    if (status !== wanted)
      throw new Error(`${name}: wanted ${wanted}, got ${status} ${JSON.stringify(body)}`);
    const warm = performance.now();
    await serving.call();
    return { first, second: performance.now() - warm };
  } finally {
    await serving.stop();
  }
}
