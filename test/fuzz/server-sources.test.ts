// Answers of servers that lie: whatever MLflow's JSON or the columns and cells of a query are, they are read or refused
// in one sentence, and no number comes out that is none.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  experimentOf,
  foundRun,
  gotRun,
  historyOf,
  modelTags,
} from '../../shared/adapters/mlflow/answers.ts';
import { rowReader } from '../../shared/adapters/postgres/reading.ts';
import { RemoteFailure } from '../../shared/adapters/remote/failure.ts';
import { PortError } from '../../shared/ports/error.ts';
import { ROOT } from '../support/repository.ts';

const FOLDER = join(ROOT, 'test/fixtures/mlflow');
const recorded: unknown[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')));

/** A recorded answer in which some values are others. */
const altered = fc
  .tuple(fc.constantFrom(...recorded), fc.array(fc.tuple(fc.nat(200), fc.jsonValue()), { maxLength: 4 }))
  .map(([answer, changes]) => {
    let count = 0;
    const at = new Map(changes);
    return JSON.parse(JSON.stringify(answer), (_key, value) => (at.has(count++) ? at.get(count - 1) : value));
  });

test('answers of MLflow are read, or refused', () => {
  const read = [gotRun, foundRun, experimentOf, modelTags, (value: unknown) => historyOf(value, 'loss')];
  let answered = 0;
  fc.assert(
    fc.property(fc.oneof(altered, fc.jsonValue()), (value) => {
      for (const one of read) {
        try {
          const said = one(value);
          answered++;
          if (said !== null && typeof said === 'object' && 'points' in said) {
            for (const point of said.points) expect(typeof point.value).toBe('number');
          }
        } catch (error) {
          expect(error).toBeInstanceOf(RemoteFailure);
        }
      }
    }),
    { numRuns: 3000 },
  );
  expect(answered).toBeGreaterThan(100);
});

test('columns and cells of a query are read, or refused', () => {
  const column = fc.record({
    name: fc.oneof(fc.constantFrom('metric', 'value', 'step', 'time', 'loss'), fc.string()),
    type: fc.constantFrom(16, 20, 21, 23, 25, 114, 700, 701, 1043, 1082, 1114, 1184, 1700, 17),
  });
  const cell = fc.oneof(
    fc.constant(null),
    fc.double().map(String),
    fc.string(),
    fc.constantFrom('NaN', 'Infinity', '1e400'),
  );
  let answered = 0;
  fc.assert(
    fc.property(
      fc.array(column, { maxLength: 5 }),
      fc.array(fc.array(cell, { minLength: 5, maxLength: 5 })),
      (columns, rows) => {
        try {
          const reader = rowReader(columns);
          reader.take(rows.map((row) => row.slice(0, columns.length)));
          const { values, points } = reader.reading();
          for (const one of [...values, ...points]) expect(typeof one.value).toBe('number');
          answered++;
        } catch (error) {
          expect(error).toBeInstanceOf(PortError);
        }
      },
    ),
    { numRuns: 5000 },
  );
  expect(answered).toBeGreaterThan(100);
});
