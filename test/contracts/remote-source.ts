import { describe, expect, test } from 'vitest';
import type { SourcePoint } from '../../shared/core/sources/reading.ts';
import { PortError } from '../../shared/ports/error.ts';
import type { RemoteRequest, RemoteSource } from '../../shared/ports/source.ts';

/** A server that holds these points, as one run or one table, and ways to ask it in vain. */
export interface RemoteSourceUnderTest {
  readonly source: RemoteSource;
  /** By which name its messages tell it. */
  readonly connection: string;
  /** Asks for all of the points. */
  readonly request: RemoteRequest;
  /** Asks for what is not there. */
  readonly missing: RemoteRequest;
  /** Asks for what this kind of server has not: the other kind's question, or one it refuses. */
  readonly refused: RemoteRequest;
  /** The same server, where nobody listens. */
  readonly unreachable: RemoteSource;
  /** The same server with a secret that is wrong; null where nobody logs in. */
  readonly stranger: { readonly source: RemoteSource; readonly secret: string } | null;
}

const POINTS: readonly SourcePoint[] = [
  ...[0.5, 0.25, Number.NaN, 0.125].map((value, step) => point('loss', step, value)),
  point('eval/acc', 10, 0.91),
  point('eval/acc', 20, 0.1 + 0.2),
  point('grad norm', 0, Number.POSITIVE_INFINITY),
  point('grad norm', 1, Number.NEGATIVE_INFINITY),
  point('tiny', -1, 5e-324),
];

function point(name: string, step: number, value: number): SourcePoint {
  return { name, step, wallTime: 1_700_000_000.25 + step, value };
}

/** What `RemoteSource` promises, to be run against every adapter. */
export function remoteSourceContract(
  name: string,
  make: (points: readonly SourcePoint[]) => Promise<RemoteSourceUnderTest>,
): void {
  describe(`${name} as RemoteSource`, () => {
    test('gives every point, with its step, time and exact value', async () => {
      const { source, request } = await make(POINTS);
      const { values, points } = await source.read(request);
      expect(values).toEqual([]);
      expect(byName(points)).toEqual(byName(POINTS));
    });

    test('gives the same again, and side by side', async () => {
      const { source, request } = await make(POINTS);
      const [first, ...others] = await Promise.all([1, 2, 3].map(() => source.read(request)));
      expect(byName(first!.points)).toEqual(byName(POINTS));
      for (const other of others) expect(other).toEqual(first);
      expect(await source.read(request)).toEqual(first);
    });

    test('says that a thing is not there, and of which connection', async () => {
      const { source, missing, connection } = await make(POINTS);
      const error = await failure(source, missing);
      expect(error).toMatchObject({ code: 'not-found', retryable: false });
      expect(error.message).toMatch(new RegExp(`^Cannot read .*connection ${connection}: .`));
    });

    test('refuses what it cannot be asked, and works on', async () => {
      const { source, refused, request } = await make(POINTS);
      const error = await failure(source, refused);
      expect(error).toMatchObject({ code: 'invalid', retryable: false });
      expect(error.message).toContain(`connection ${refused.connection}: `);
      expect(byName((await source.read(request)).points)).toEqual(byName(POINTS));
    });

    test('is to be asked again where nobody listens', async () => {
      const { unreachable, request, connection } = await make(POINTS);
      const error = await failure(unreachable, request);
      expect(error).toMatchObject({ code: 'unavailable', retryable: true });
      expect(error.message).toContain(`connection ${connection}: `);
    });

    test('never tells a secret, least of all a wrong one', async () => {
      const { stranger, request } = await make(POINTS);
      if (stranger === null) return;
      const error = await failure(stranger.source, request);
      expect(['denied', 'unavailable']).toContain(error.code);
      expect(`${error.message} ${error.stack}`).not.toContain(stranger.secret);
    });

    test('can be closed, also unused', async () => {
      const { source, request } = await make(POINTS);
      await source.read(request);
      await source.close();
      await (await make(POINTS)).source.close();
    });
  });
}

async function failure(source: RemoteSource, request: RemoteRequest): Promise<PortError> {
  const error = await source.read(request).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(PortError);
  return error as PortError;
}

/** The order of series among each other means nothing; that of the points of one does. */
function byName(points: readonly SourcePoint[]): Record<string, readonly SourcePoint[]> {
  return Object.fromEntries(Map.groupBy(points, (one) => one.name));
}
