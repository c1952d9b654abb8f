import { once } from 'node:events';
import { type Message, PubSub } from '@google-cloud/pubsub';
import { expect, test } from 'vitest';
import { newBucket, newDataset, newTopic, putObject, TEST_PROJECT } from '../support/cloud-resources.ts';
import { run } from '../support/command.ts';
import { aiosmtpdPython, bigQueryStandIn, describeWith, storageStandIn } from '../support/stand-ins.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describeWith(['pubsub'], 'the stand-in for Pub/Sub', () => {
  test('hands out what was published to a topic of its own', async () => {
    const { topic, subscription } = await newTopic({ ackDeadlineSeconds: 10 });
    const client = new PubSub({ projectId: TEST_PROJECT });
    await client.topic(topic).publishMessage({ data: Buffer.from('hello'), attributes: { a: 'b' } });
    const arriving = client.subscription(subscription);
    const [message]: Message[] = await once(arriving, 'message');
    message?.ack();
    expect([String(message?.data), message?.attributes]).toEqual(['hello', { a: 'b' }]);
    await arriving.close();
    await client.close();
  });
});

describeWith(['gcs'], 'the stand-in for Cloud Storage', () => {
  test('gives back an object of a bucket of its own, by generation', async () => {
    const bucket = await newBucket();
    const generation = await putObject(bucket, 'a b/ü', 'hello');
    const place = `${storageStandIn().endpoint}/storage/v1/b/${bucket}/o/${encodeURIComponent('a b/ü')}`;
    const get = async (query: string) => (await fetch(`${place}?${query}`)).text();
    expect(await get(`alt=media&generation=${generation}`)).toBe('hello');
    expect(JSON.parse(await get(''))).toMatchObject({ generation, size: '5' });
  });
});

describeWith(['bigquery'], 'the stand-in for BigQuery', () => {
  test('answers a query on a table of its own', async () => {
    const dataset = await newDataset();
    const { endpoint, project } = bigQueryStandIn();
    const ask = async (query: string) => {
      const response = await fetch(`${endpoint}/bigquery/v2/projects/${project}/queries`, {
        method: 'POST',
        body: JSON.stringify({ query, useLegacySql: false }),
        headers: { 'content-type': 'application/json' },
      });
      return (await response.json()) as { rows?: unknown; errors?: unknown };
    };
    await ask(`CREATE TABLE \`${project}.${dataset}.t\` (a STRING, n INT64)`);
    await ask(`INSERT INTO \`${project}.${dataset}.t\` (a, n) VALUES ('x', 1), ('x', 2)`);
    const { rows } = await ask(`SELECT a, SUM(n) AS n FROM \`${project}.${dataset}.t\` GROUP BY a`);
    expect(rows).toEqual([{ f: [{ v: 'x' }, { v: '3' }] }]);
  });
});

describeWith(['aiosmtpd'], "the mail server's Python", () => {
  test('has aiosmtpd in the version that was asked for', async () => {
    const version = 'import aiosmtpd; print(aiosmtpd.__version__)';
    const { code, stdout } = await run([aiosmtpdPython(), '-c', version], { cwd: temporaryFolder() });
    expect([code, stdout.trim()]).toEqual([0, '1.4.6']);
  });
});
