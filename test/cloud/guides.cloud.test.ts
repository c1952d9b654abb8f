// The guides of docs/guides, followed as a reader would: every command in its order, against the servers that the page
// names, with the output that it shows.
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkFence, isLive } from '../support/fences.ts';
import { readPage } from '../support/markdown.ts';
import { filesUnder, readText } from '../support/repository.ts';
import { makeStage, type Stage } from '../support/stage.ts';
import {
  describeWith,
  postgresStandIn,
  type StandInName,
  s3StandIn,
  uniqueName,
} from '../support/stand-ins.ts';

/** What a page speaks to, and the environment that leads there. */
interface Servers {
  readonly names: readonly StandInName[];
  readonly open: () => Promise<NodeJS.ProcessEnv>;
}

const NOTHING: Servers = { names: [], open: async () => ({}) };

const SERVERS: Readonly<Record<string, Servers>> = {
  'docs/guides/two-versions-behind-rest.md': { names: ['postgres'], open: openDatabase },
  'docs/guides/legacy-scheduler.md': { names: ['s3'], open: openBucket },
};

/** An empty database, as psql's own variables name it. */
async function openDatabase(): Promise<NodeJS.ProcessEnv> {
  const { url, password } = postgresStandIn();
  const { hostname, port, username } = new URL(url);
  const name = uniqueName('guide');
  const client = new pg.Client({ connectionString: url.replace('@', `:${password}@`) });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return { PGHOST: hostname, PGPORT: port, PGUSER: username, PGPASSWORD: password, PGDATABASE: name };
}

/** An empty bucket, as the tools of AWS are told of it. */
async function openBucket(): Promise<NodeJS.ProcessEnv> {
  const { endpoint } = s3StandIn();
  const bucket = uniqueName('models').replaceAll('_', '-');
  const made = await fetch(`${endpoint}/${bucket}`, { method: 'PUT' });
  expect(made.ok).toBe(true);
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'any',
    AWS_SECRET_ACCESS_KEY: 'any',
    BUCKET: bucket,
  };
}

const pages = filesUnder('docs/guides').filter((path) => path.endsWith('.md'));

test('every page that servers were prepared for is there', () => {
  expect(Object.keys(SERVERS).filter((page) => !pages.includes(page))).toEqual([]);
});

for (const page of pages) {
  const { names, open } = SERVERS[page] ?? NOTHING;
  const fences = readPage(readText(page)).fences.filter(isLive);
  const body = () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = makeStage(await open());
    });
    afterAll(() => stage?.remove());
    for (const fence of fences) {
      test(`${fence.language} of line ${fence.line}`, async () => {
        expect((await checkFence(fence, stage)).join('\n')).toBe('');
      });
    }
  };
  if (fences.length === 0) continue;
  if (names.length === 0) describe(page, body);
  else describeWith(names, page, body);
}
