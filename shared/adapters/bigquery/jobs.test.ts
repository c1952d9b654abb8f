import { describe, expect, test } from 'vitest';
import { PortError } from '../../ports/error.ts';
import type { Client, ClientJob, JobConfiguration, Page } from './client.ts';
import { ProgramError } from './errors.ts';
import { jobsOf } from './jobs.ts';
import type { Statement } from './statement.ts';

const STATEMENT: Statement = {
  name: 'test',
  sql: 'SELECT x FROM t WHERE y IN UNNEST(@names) AND z = @at',
  parameters: { names: ['STRING'], at: 'TIMESTAMP' },
  columns: [{ name: 'x', type: 'INT64', required: false }],
};
const VALUES = { names: ["it's"], at: 0 };

const said = (code: number | undefined, reason: string, message = 'words of the service') =>
  Object.assign(new Error(message), { code, errors: [{ reason, message }] });
const broken = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

const page = (...values: readonly number[]): Page => ({
  rows: values.map((value) => ({ f: [{ v: String(value) }] })),
  pageToken: null,
  fields: [],
});

/** A service that answers a request to begin a job, and a request for results, as the steps say: in turn. */
function service(steps: { readonly begin?: readonly unknown[]; readonly results?: readonly unknown[] }) {
  const begun: { id: string; configuration: JobConfiguration; location: string | undefined }[] = [];
  const found: string[] = [];
  const waits: number[] = [];
  const [begin, results] = [[...(steps.begin ?? [])], [...(steps.results ?? [])]];
  const step = <T>(left: unknown[], otherwise: T): T => {
    const next = left.shift();
    if (next instanceof Error) throw next;
    return (next as T | undefined) ?? otherwise;
  };
  const job: ClientJob = {
    results: async () => step(results, page(1, 2)),
    loaded: async () => step(results, 0),
  };
  const client = {
    load: async () => job,
    begin: async (asked: (typeof begun)[number]) => {
      begun.push(asked);
      return step(begin, job);
    },
    find: (id: string) => ({
      ...job,
      results: async () => {
        found.push(id);
        return job.results();
      },
    }),
  } as unknown as Client;
  const jobs = jobsOf(client, {
    place: { projectId: 'p', dataset: 'd' },
    location: 'EU',
    maximumBytesBilled: 5e9,
    labels: { app: 'tidemark' },
    sleep: async (ms) => void waits.push(ms),
  });
  return { jobs, begun, found, waits };
}

test('a statement runs in its place, with typed parameters, a limit and labels', async () => {
  const { jobs, begun } = service({});
  expect(await jobs.rows(STATEMENT, VALUES)).toStrictEqual([{ x: 1 }, { x: 2 }]);
  const [{ configuration, location } = { configuration: {}, location: '' }] = begun;
  expect(location).toBe('EU');
  expect(configuration).toStrictEqual({
    query: {
      query: STATEMENT.sql,
      useLegacySql: false,
      defaultDataset: { projectId: 'p', datasetId: 'd' },
      maximumBytesBilled: '5000000000',
      parameterMode: 'NAMED',
      queryParameters: [
        {
          name: 'names',
          parameterType: { type: 'ARRAY', arrayType: { type: 'STRING' } },
          parameterValue: { arrayValues: [{ value: "it's" }] },
        },
        {
          name: 'at',
          parameterType: { type: 'TIMESTAMP' },
          parameterValue: { value: '1970-01-01T00:00:00.000Z' },
        },
      ],
    },
    labels: { app: 'tidemark' },
    jobTimeoutMs: '300000',
  });
});

describe('a job', () => {
  test.each([
    ['the service is not well', said(503, 'backendError')],
    ['there were too many requests', said(429, 'rateLimitExceeded')],
    ['the connection broke', broken('ECONNRESET')],
    ['nobody answered in time', new Error('no answer within 60 seconds')],
  ])('keeps its id when %s, since it may have begun', async (_, failure) => {
    const { jobs, begun, waits } = service({ begin: [failure] });
    await jobs.run(STATEMENT, VALUES);
    expect(begun).toHaveLength(2);
    expect(new Set(begun.map(({ id }) => id)).size).toBe(1);
    expect(waits).toHaveLength(1);
  });

  test('that had begun although nobody said so is found by its id', async () => {
    const { jobs, begun, found } = service({ begin: [broken('ECONNRESET'), said(409, 'duplicate')] });
    expect(await jobs.rows(STATEMENT, VALUES)).toHaveLength(2);
    expect(found).toStrictEqual([begun[0]!.id]);
  });

  test.each([
    ['its workers failed', said(undefined, 'backendError')],
    [
      'it met another transaction',
      said(undefined, 'invalidQuery', 'Transaction is aborted due to concurrent update'),
    ],
  ])('is begun anew, under another id, when %s', async (_, failure) => {
    const { jobs, begun } = service({ results: [failure] });
    await jobs.run(STATEMENT, VALUES);
    expect(new Set(begun.map(({ id }) => id)).size).toBe(2);
  });

  test('is given up after a few tries, each later than the one before', async () => {
    const failure = said(503, 'backendError');
    const { jobs, begun, waits } = service({ begin: Array.from({ length: 99 }, () => failure) });
    await expect(jobs.run(STATEMENT, VALUES)).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect(begun).toHaveLength(5);
    for (const [n, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(500 * 2 ** n);
      expect(wait).toBeLessThanOrEqual(1000 * 2 ** n);
    }
  });
});

interface Refusal {
  readonly sentence: string;
  readonly failure: Error;
  readonly code: PortError['code'];
  readonly says: RegExp;
}

const REFUSALS: readonly Refusal[] = [
  {
    sentence: 'who asks has no right',
    failure: said(403, 'accessDenied'),
    code: 'denied',
    says: /p\.d: words of the service.*jobUser on project p.*dataEditor/,
  },
  { sentence: 'nobody knows who asks', failure: said(401, 'authError'), code: 'denied', says: /p\.d/ },
  {
    sentence: 'there is no identity at all',
    failure: new Error('Could not load the default credentials. Browse to …'),
    code: 'denied',
    says: /default credentials/,
  },
  {
    sentence: 'the dataset is gone',
    failure: said(404, 'notFound'),
    code: 'not-found',
    says: /tidemark doctor/,
  },
  {
    sentence: 'a job finds no table',
    failure: said(undefined, 'notFound', 'Not found: Table p:d.runs'),
    code: 'not-found',
    says: /Table p:d\.runs/,
  },
  {
    sentence: 'a quota is used up',
    failure: said(403, 'quotaExceeded'),
    code: 'unavailable',
    says: /quota of project p/,
  },
  {
    sentence: 'it would read more than is allowed',
    failure: said(undefined, 'bytesBilledLimitExceeded'),
    code: 'invalid',
    says: /billed for.*Raise the limit/,
  },
];

describe('is refused at once and in a sentence', () => {
  test.each(REFUSALS)('when $sentence', async ({ failure, code, says }) => {
    const { jobs, begun } = service({ begin: [failure] });
    const error = await jobs.run(STATEMENT, VALUES).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PortError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(says) });
    expect(begun).toHaveLength(1);
  });

  test('and a statement that the service does not understand is our mistake', async () => {
    const { jobs, begun } = service({
      begin: [said(400, 'invalidQuery', 'Unrecognized name:\n x at [1:8]')],
    });
    const error = await jobs.run(STATEMENT, VALUES).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProgramError);
    expect(error).toMatchObject({ message: expect.stringContaining('Unrecognized name: x at [1:8]') });
    expect(begun).toHaveLength(1);
  });
});

test('pages of an answer come one by one, and a page that got lost is asked for again', async () => {
  const { jobs } = service({
    results: [{ ...page(1), pageToken: 'a' }, broken('ECONNRESET'), { ...page(2), pageToken: 'b' }, page(3)],
  });
  expect(await jobs.rows(STATEMENT, VALUES)).toStrictEqual([{ x: 1 }, { x: 2 }, { x: 3 }]);
});

test('a file of which not every row was loaded is loaded again', async () => {
  const { jobs, waits } = service({ results: [1, 2] });
  await jobs.load('t', ['{"a":1}', '{"a":2}']);
  expect(waits).toHaveLength(1);
});
