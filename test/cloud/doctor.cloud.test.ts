// What "tidemark doctor" says of a whole setup in the cloud, on stand-ins of every service.
import { expect, test } from 'vitest';
import { cloudStage } from '../support/cloud-stage.ts';
import { describeWith } from '../support/stand-ins.ts';

interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'note' | 'bad';
  readonly detail: string;
}

describeWith(['pubsub', 'bigquery', 'gcs'], 'doctor', () => {
  test('says what is missing before the first tick, and changes nothing; after it, that all is there', async () => {
    const stage = await cloudStage();
    try {
      const doctor = async () => {
        const { stdout, stderr } = await stage.tidemark(['doctor', '--json']);
        expect(stdout + stderr).not.toContain('correct horse');
        return (JSON.parse(stdout) as { findings: Finding[] }).findings;
      };
      const state = (findings: readonly Finding[], what: RegExp) =>
        findings.filter((one) => what.test(one.what)).map((one) => one.state);
      for (const _ of ['once', 'again']) {
        const before = await doctor();
        expect(state(before, /^dead-letter topic/)).toEqual(['bad', 'note']);
        expect(before.find(({ what }) => what.startsWith('dataset'))?.detail).toContain(
          'the next tick makes them',
        );
        expect(state(before, /^lease/)).toEqual(['note', 'ok']);
        expect(state(before, /^mail server/)).toEqual(['ok']);
      }
      expect(await stage.tidemark(['tick'])).toMatchObject({ status: 0 });
      const after = await doctor();
      expect(after.find(({ what }) => what.startsWith('dataset'))).toMatchObject({ state: 'ok' });
      expect(state(after, /^statements/)).toEqual(['ok']);
      expect(state(after, /^subscription/).filter((one) => one === 'bad')).toEqual([]);
    } finally {
      await stage.close();
    }
  });
});
