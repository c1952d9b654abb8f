import { expect, test } from 'vitest';
import { newBucket, putObject } from '../../../test/support/cloud-resources.ts';
import { describeWith, storageStandIn } from '../../../test/support/stand-ins.ts';
import { storageChecks } from './check.ts';

describeWith(['gcs'], 'checks of Cloud Storage', () => {
  const { endpoint } = storageStandIn();

  test('roots and lease of a real server, which knows no rights', async () => {
    const bucket = await newBucket();
    await putObject(bucket, 'models/a/events', 'x');
    const checks = await storageChecks({
      roots: [`gs://${bucket}/models`, `gs://${bucket}/empty`, 'gs://no-such-bucket-here'],
      lease: `gs://${bucket}/locks/tick.json`,
      endpoint,
    });
    expect(checks.map(({ state }) => state)).toEqual(['ok', 'note', 'bad', 'note', 'ok']);
    expect(checks[2]?.detail).toContain('there is no bucket');
  });
});
