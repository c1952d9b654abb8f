import type pg from 'pg';
import { PortError } from '../../ports/error.ts';
import type { OutputQuestion, Outputs } from '../../ports/outputs.ts';
import { openSession, type PostgresOptions } from './session.ts';
import { countOf, finiteOf, type PackedNumbers, packed, pairsOf, quoted, rightOf, sideOf } from './sql.ts';

/** int8, int2, int4, float4, float8, numeric. */
const NUMBERS: ReadonlySet<number> = new Set([20, 21, 23, 700, 701, 1700]);

/** With more different words a column is no label, and the table of them would not fit. */
const MOST_LABELS = 1000;

/** Outputs in Postgres, read in one transaction that can write nothing. */
export async function postgresOutputs(options: PostgresOptions): Promise<Outputs> {
  const session = await openSession(options, { slow: '--sql-timeout gives it more' });
  return { ...answers((text) => session.rows({ text, rowMode: 'array' })), close: session.close };
}

function answers(rows: (sql: string) => Promise<pg.QueryArrayResult>): Omit<Outputs, 'close'> {
  async function* pages(numbers: PackedNumbers): AsyncGenerator<Float64Array> {
    await rows(`DECLARE tidemark_page NO SCROLL CURSOR FOR ${packed(numbers)}`);
    try {
      for (;;) {
        const { rows: page } = await rows('FETCH 1 FROM tidemark_page');
        if (page.length === 0) break;
        yield unpacked(page[0]![0] as Buffer);
      }
    } finally {
      await rows('CLOSE tidemark_page');
    }
  }

  return {
    async kindOf(question) {
      const kinds: ('number' | 'label')[] = [];
      for (const side of ['a', 'b'] as const) {
        const { fields } = await rows(`SELECT value FROM (${sideOf(question, side)}) AS s LIMIT 0`);
        kinds.push(NUMBERS.has(fields[0]!.dataTypeID) ? 'number' : 'label');
      }
      if (kinds[0] === kinds[1]) return kinds[0]!;
      const [a, b] = kinds;
      throw new PortError(
        'invalid',
        `${quoted(question.value)} holds a ${a} on one side and a ${b} on the other`,
      );
    },

    async counts(question) {
      const count = async (side: 'a' | 'b') => (await rows(countOf(question, side))).rows[0]!.map(Number);
      const [a, distinctA] = await count('a');
      const [b, distinctB] = await count('b');
      const { rows: paired } = await rows(`SELECT count(*) FROM ${pairsOf(question)}`);
      return {
        a: a!,
        b: b!,
        doubledA: a! - distinctA!,
        doubledB: b! - distinctB!,
        paired: Number(paired[0]![0]),
      };
    },

    async labelPairs(question) {
      const { rows: counted } = await rows(
        // Labels that are few enough have no more pairs than that, so one more of those is one label too many.
        `SELECT a.value::text, b.value::text, count(*)
         FROM ${pairsOf(question)} GROUP BY 1, 2 ORDER BY 1, 2 LIMIT ${MOST_LABELS ** 2 + 1}`,
      );
      fewLabels(new Set(counted.flatMap((row) => row.slice(0, 2))), question);
      return counted.map(([a, b, count]) => ({ a, b, count: Number(count) }));
    },

    async rightCounts(question) {
      const [row] = (await rows(rightOf(question))).rows;
      const [n, unknown, onlyA, onlyB, both] = row!.map(Number);
      return { n: n!, unknown: unknown!, onlyA: onlyA!, onlyB: onlyB!, both: both! };
    },

    async labelCounts(question) {
      const count = async (side: 'a' | 'b') => {
        const { rows: counted } = await rows(
          `SELECT value::text, count(*) FROM (${sideOf(question, side)}) AS s
           GROUP BY 1 ORDER BY 1 LIMIT ${MOST_LABELS + 1}`,
        );
        const counts = new Map<string | null, number>(counted.map(([label, n]) => [label, Number(n)]));
        fewLabels(new Set(counts.keys()), question);
        return counts;
      };
      return { a: await count('a'), b: await count('b') };
    },

    async numberCounts(question) {
      const count = async (side: 'a' | 'b') => {
        const [row] = (await rows(finiteOf(question, side))).rows;
        return { n: Number(row![0]), holds: Number(row![1]) };
      };
      return { a: await count('a'), b: await count('b') };
    },

    numberPairs: (question) => pages({ columns: ['a.value', 'b.value'], from: pairsOf(question) }),

    numbers: (question, side) => pages({ columns: ['s.value'], from: `(${sideOf(question, side)}) AS s` }),
  };
}

/** Doubles as they are sent, most significant byte first. */
function unpacked(bytes: Buffer): Float64Array {
  return Float64Array.from({ length: bytes.length / 8 }, (_, index) => bytes.readDoubleBE(index * 8));
}

function fewLabels(labels: ReadonlySet<unknown>, { value }: OutputQuestion): void {
  if (labels.size <= MOST_LABELS) return;
  throw new PortError(
    'invalid',
    `${quoted(value)} has more than ${MOST_LABELS} different values: it is no label`,
  );
}
