import { randomBytes } from 'node:crypto';
import { describe } from 'vitest';
import { notRun } from './not-run.ts';

/** The programs that stand in for Google Cloud and for a mail server; `scripts/cloud.ts` starts them. */
export type StandInName =
  | 'pubsub'
  | 'bigquery'
  | 'gcs'
  | 'zetasql'
  | 'aiosmtpd'
  | 'jsonnet'
  | 'postgres'
  | 's3'
  | 'mlflow';

/**
 * Like vitest's `describe`, for tests that need stand-ins. Where one could not be started the tests are not
 * collected; one skipped test says which stand-in was missing, and `npm run test:cloud` counts that.
 * Throws where the tests were started without `npm run test:cloud`.
 */
export function describeWith(names: readonly StandInName[], title: string, body: () => void): void {
  const missing = names.filter((name) => absent().has(name));
  if (missing.length === 0) describe(title, body);
  else notRun(title, `no ${missing.join(', no ')}`);
}

/** A database of Postgres of which the tests are the owner. */
export function postgresStandIn(): { readonly url: string; readonly password: string } {
  return { url: given('TIDEMARK_TEST_POSTGRES'), password: given('TIDEMARK_TEST_POSTGRES_PASSWORD') };
}

/** Pub/Sub's address as `HOST:PORT`, plain HTTP/2, and which of the two servers it is; they differ. */
export function pubSubStandIn(): { readonly address: string; readonly kind: 'emulator' | 'pstest' } {
  const kind = given('TIDEMARK_TEST_PUBSUB_KIND');
  return { address: given('TIDEMARK_TEST_PUBSUB'), kind: kind === 'emulator' ? kind : 'pstest' };
}

/**
 * BigQuery's base URL without a path at its end, the one project it has, and the folder it reads load jobs
 * from: `gs://BUCKET/NAME` is the file `BUCKET/NAME` in there.
 */
export function bigQueryStandIn(): {
  readonly endpoint: string;
  readonly project: string;
  readonly gcsRoot: string;
} {
  return {
    endpoint: given('TIDEMARK_TEST_BIGQUERY'),
    project: 'p1',
    gcsRoot: given('TIDEMARK_TEST_BIGQUERY_GCS_ROOT'),
  };
}

/** Cloud Storage's base URL, without a path at its end. */
export function storageStandIn(): { readonly endpoint: string } {
  return { endpoint: given('TIDEMARK_TEST_GCS') };
}

/** S3's base URL, without a path at its end; it takes any key. `locked` is another that can be made to check. */
export function s3StandIn(): { readonly endpoint: string; readonly locked: string } {
  return { endpoint: given('TIDEMARK_TEST_S3'), locked: given('TIDEMARK_TEST_S3_LOCKED') };
}

/** The base URL of MLflow's tracking server, without a path at its end. */
export function mlflowStandIn(): { readonly endpoint: string } {
  return { endpoint: given('TIDEMARK_TEST_MLFLOW') };
}

/** The command that analyses a file of statements; `test/support/zetasql.ts` wraps it. */
export function zetaSqlCommand(): readonly [string, ...string[]] {
  const words: unknown = JSON.parse(given('TIDEMARK_TEST_ZETASQL'));
  if (!isCommand(words)) {
    throw new Error(
      'Cannot use TIDEMARK_TEST_ZETASQL: it must be a JSON array of strings, the command first',
    );
  }
  return words;
}

/** A Python that can import aiosmtpd. */
export function aiosmtpdPython(): string {
  return given('TIDEMARK_TEST_AIOSMTPD_PYTHON');
}

/** The jsonnet command. */
export function jsonnetProgram(): string {
  return given('TIDEMARK_TEST_JSONNET');
}

/**
 * A name nobody else has, so that test files can share a stand-in: lower-case letters, digits and `_` behind
 * a letter, which is right for a dataset, a table, a bucket, a topic and a subscription alike.
 */
export function uniqueName(prefix = 't'): string {
  return `${prefix}_${randomBytes(8).toString('hex')}`;
}

function absent(): ReadonlySet<string> {
  return new Set(given('TIDEMARK_TEST_ABSENT').split(','));
}

function given(name: string): string {
  const value = process.env[name];
  if (value !== undefined) return value;
  throw new Error(
    `Cannot run a cloud test without ${name}: start it with "npm run test:cloud -- PATH-OF-THE-TEST", which starts the stand-ins`,
  );
}

function isCommand(words: unknown): words is [string, ...string[]] {
  return Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === 'string');
}
