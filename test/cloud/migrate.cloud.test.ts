// A history goes from SQLite to BigQuery and back without a bit being lost, and a query there says its price first.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { finished, NIGHTLY, type Workspace, workspaces } from '../support/cli.ts';
import { newBucket } from '../support/cloud-resources.ts';
import { faultProxy } from '../support/fault-proxy.ts';
import type { Fault, SeenRequest } from '../support/fault-rules.ts';
import { bigQueryStandIn, describeWith, storageStandIn, uniqueName } from '../support/stand-ins.ts';

interface Report {
  readonly copied: boolean;
  readonly tables: readonly { table: string; rows: number; missing: number; digest: string | null }[];
}

describeWith(['bigquery', 'gcs'], 'migrate', () => {
  const newWorkspace = workspaces();

  /** Nightly runs of a real training, and messages that nobody can read. */
  async function filled(): Promise<Workspace> {
    const at = newWorkspace();
    await at.run(['--config', `${NIGHTLY}/tidemark.yaml`, 'backfill', `${NIGHTLY}/runs.jsonl`]);
    at.message(new Uint8Array([0x7b, 0xff, 0x00]), 'broken.json');
    at.message(finished('späti-😀', { labels: { ä: 'ö', a: '1' } }));
    expect((await at.run(['tick'])).status).toBe(0);
    return at;
  }

  async function environment(endpoint = bigQueryStandIn().endpoint) {
    return {
      TIDEMARK_BIGQUERY_ENDPOINT: endpoint,
      TIDEMARK_STORAGE_ENDPOINT: storageStandIn().endpoint,
      TIDEMARK_LEASE: `gs://${await newBucket()}/locks/tick.json`,
    };
  }

  const dataset = () => `bigquery://${bigQueryStandIn().project}/${uniqueName('copy')}?location=US`;
  const source = (at: Workspace) => `sqlite:${at.path('state', 'tidemark.db')}`;

  async function migrated(
    at: Workspace,
    args: readonly string[],
    env: Record<string, string>,
  ): Promise<Report> {
    const answer = await at.run(['migrate', ...args, '--json'], { env });
    expect(answer.stderr).toBe('');
    return JSON.parse(answer.stdout) as Report;
  }

  test('there and back again every row is the same, and so is what it answers', async () => {
    const at = await filled();
    const env = await environment();
    const [there, back] = [dataset(), `sqlite:${at.path('back', 'tidemark.db')}`];
    const first = await migrated(at, [source(at), there], env);
    expect(first.copied).toBe(true);
    const second = await migrated(at, [there, back], env);
    expect(second.tables).toEqual(first.tables);
    expect(Object.fromEntries(first.tables.map(({ table, rows }) => [table, rows]))).toMatchObject({
      job_history: 136,
      rejected_messages: 1,
    });
    // Nothing is left to do in any direction.
    const directions = [
      [source(at), back],
      [source(at), there],
      [back, there],
    ];
    for (const args of directions) {
      const { tables } = await migrated(at, [...args, '--dry-run'], env);
      expect(tables.every(({ missing }) => missing === 0)).toBe(true);
    }
    const verdict = (history: string) =>
      at.run(['verdict', 'mnist', '--json', '--history', history], { env });
    expect((await verdict(there)).stdout).toBe((await verdict(source(at))).stdout);
  });

  test('a copy that broke off in the middle is completed by the next', async () => {
    const at = await filled();
    const refused: Fault = { kind: 'status', status: 403, reason: 'accessDenied' };
    const refusing = (words: string) => ({
      method: 'POST',
      path: /\/jobs\b/,
      fault: async ({ body }: SeenRequest) => (body.includes(words) ? refused : null),
    });
    const proxy = await faultProxy({ target: bigQueryStandIn().endpoint });
    onTestFinished(proxy.close);
    const env = await environment(proxy.url);
    const there = dataset();
    for (const words of ['MERGE job_history', 'MERGE alerts']) {
      proxy.use([refusing(words)]);
      const broken = await at.run(['migrate', source(at), there, '--json'], { env });
      expect(broken).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringContaining('bigquery.dataEditor'),
      });
    }
    proxy.use([]);
    const { tables } = await migrated(at, [source(at), there], env);
    const missing = Object.fromEntries(tables.map((one) => [one.table, one.missing]));
    const mails = JSON.parse(
      (await at.run(['query', 'select count(*) as n from alert_outbox', '--format', 'json'])).stdout,
    );
    expect(mails[0].n).toBe(13);
    expect(missing).toMatchObject({ run_events: 0, job_history: 0, alert_outbox: 13, ticks: 2 });
  });

  test('a query says what it reads before it runs, and more than --max-bytes is refused', async () => {
    const at = newWorkspace();
    const priced = await pricedBigQuery(20e9);
    const env = { ...(await environment(priced.url)), TIDEMARK_HISTORY: dataset() };
    expect(await at.run(['tick'], { env })).toMatchObject({ status: 0 });
    const query = (...more: string[]) =>
      at.run(['query', 'select count(*) as n from run_events', '--format', 'csv', ...more], { env });
    const before = priced.ran();
    expect(await query()).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/reads 20 GB, over --max-bytes 10 GB/),
    });
    expect(priced.ran()).toBe(before);
    expect(await query('--max-bytes', '20GB')).toMatchObject({
      status: 0,
      stdout: 'n\r\n0\r\n',
      stderr: expect.stringMatching(/^reads 20 GB, about \$0\.11 /),
    });
  });
});

/** The stand-in, which knows no sizes, with a size for every dry run; counts the jobs that were not dry. */
async function pricedBigQuery(bytes: number) {
  let ran = 0;
  const target = bigQueryStandIn().endpoint;
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const isJob = request.method === 'POST' && /\/jobs\b/.test(request.url ?? '');
    const isDry = isJob && /"dryRun":\s*true/.test(body.toString());
    if (isJob && !isDry) ran += 1;
    const answer = await fetch(`${target}${request.url}`, {
      method: request.method ?? 'GET',
      headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
      ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
    });
    let text = await answer.text();
    if (isDry) {
      const job = JSON.parse(text) as { statistics: { query: Record<string, unknown> } };
      job.statistics.query.totalBytesProcessed = String(bytes);
      text = JSON.stringify(job);
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ran: () => ran };
}
