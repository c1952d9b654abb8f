import { describe, expect, test } from 'vitest';
import { pastRun } from './past-run.ts';

const LINE = { test_name: 't', job_name: 'j-7', outcome: 'success', finished_at: '2026-08-01T02:41:01Z' };
const inRuns = (modelDir: string) => `/runs/${modelDir}`;

function read(value: unknown) {
  const past = pastRun(value, inRuns);
  if (!past.ok) throw new Error(past.problems.join('; '));
  return past as typeof past & { message: { id: string; time: string; data: Record<string, unknown> } };
}

function problems(value: unknown): readonly string[] {
  const past = pastRun(value, inRuns);
  return past.ok ? [] : past.problems;
}

describe('a line of a backfill', () => {
  test('is the end of the run it names', () => {
    const { message, identity } = read({ ...LINE, started_at: '2026-08-01T02:00:25Z', model_dir: 'a/b' });
    expect(message).toMatchObject({
      type: 'io.tidemark.run.finished.v1',
      id: 'j-7/1/finished',
      time: '2026-08-01T02:41:01.000Z',
      data: { run_id: 'j-7', test_name: 't', outcome: 'success', model_dir: '/runs/a/b', labels: {} },
    });
    expect(identity).toBe(read(LINE).identity);
  });

  test('its own run id counts, with or without the name of a Job', () => {
    expect(read({ ...LINE, job_name: undefined, run_id: 'r-1' }).identity).toBe(
      read({ ...LINE, run_id: 'r-1' }).identity,
    );
    const { message, identity } = read({ ...LINE, run_id: 'r-1' });
    expect(message.data).toMatchObject({ run_id: 'r-1', labels: {} });
    expect(identity).not.toBe(read(LINE).identity);
  });

  test('other keys become labels as text, those named labels win', () => {
    const { message } = read({
      ...LINE,
      framework: 'torch',
      lr: 0.1,
      tags: ['a'],
      labels: { framework: 'jax' },
    });
    expect(message.data.labels).toEqual({ framework: 'jax', lr: '0.1', tags: '["a"]' });
  });

  test('without a folder none is invented', () => {
    expect(read(LINE).message.data.model_dir).toBeNull();
    expect(read({ ...LINE, model_dir: null }).message.data.model_dir).toBeNull();
  });

  test('a uuid of the line is kept', () => {
    const uuid = 'efbabfe9-d54f-5b94-b596-f3b8c5c955f3';
    expect(read({ ...LINE, uuid }).message.data.uuid).toBe(uuid);
    expect(read(LINE).message.data).not.toHaveProperty('uuid');
  });

  test.each([
    ['no name', { ...LINE, test_name: undefined }, 'test_name: is missing; wanted string'],
    ['no end', { ...LINE, finished_at: undefined }, 'finished_at: is missing; wanted string'],
    [
      'an end that is none',
      { ...LINE, finished_at: '2026-02-30' },
      'finished_at: is not an ISO 8601 time: current value is "2026-02-30"',
    ],
    ['an outcome that is none', { ...LINE, outcome: 'ok' }, 'outcome: must be one of'],
    ['a uuid that is none', { ...LINE, uuid: '7' }, 'uuid: '],
    ['no object', [LINE], 'must be object'],
  ])('%s is told', (_, value, sentence) => {
    expect(problems(value)).toEqual([expect.stringContaining(sentence)]);
  });
});
