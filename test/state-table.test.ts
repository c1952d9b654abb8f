// The state machine of alerts as the documentation shows it is the one that the code has.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  EFFECTS,
  EVENTS,
  type EventWord,
  type FromState,
  STATE_TABLE,
} from '../shared/core/episodes/table.ts';
import { ROOT } from './support/repository.ts';
import { stateTableText } from './support/state-table.ts';

test('docs/alerts.md shows the state table of the code', () => {
  const page = readFileSync(join(ROOT, 'docs/alerts.md'), 'utf8');
  const lines = page.split('\n');
  const from = lines.findIndex((line) => line.startsWith('| # | From |'));
  const to = lines.findIndex((line, index) => index > from && !line.startsWith('|'));
  expect(lines.slice(from, to).join('\n')).toBe(stateTableText());
});

describe('the state table', () => {
  test('has no two rows for one state and event, and no two of one number', () => {
    const places = STATE_TABLE.flatMap(({ from, on }) =>
      from.flatMap((state) => on.map((event) => `${state} ${event}`)),
    );
    expect(places.filter((place, index) => places.indexOf(place) !== index)).toEqual([]);
    const numbers = STATE_TABLE.map(({ row }) => row);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test('uses every event and every effect', () => {
    const events = new Set(STATE_TABLE.flatMap(({ on }) => on));
    const effects = new Set(STATE_TABLE.flatMap(({ does }) => does));
    expect(Object.keys(EVENTS).filter((event) => !events.has(event as EventWord))).toEqual([]);
    expect(Object.keys(EFFECTS).filter((effect) => !effects.has(effect as never))).toEqual([]);
  });

  test('has the eighteen rows of the design', () => {
    const numbers = new Set(STATE_TABLE.map(({ row }) => row));
    expect(
      Array.from({ length: 18 }, (_, index) => `${index + 1}`).filter((row) => !numbers.has(row)),
    ).toEqual([]);
  });

  test('tells nothing of what was never told, and the end of all that was', () => {
    const told: readonly FromState[] = ['firing', 'recovering'];
    for (const { row, from, to, tells } of STATE_TABLE) {
      const ends = !['same', 'suspect', 'firing', 'recovering'].includes(to);
      if (!ends) continue;
      const isTold = from.every((state) => told.includes(state));
      expect({ row, tells: tells !== null }).toEqual({ row, tells: isTold });
    }
  });

  test('fires with a FIRING or an AGAIN, and with nothing else', () => {
    for (const { row, from, to, tells } of STATE_TABLE) {
      if (to !== 'firing' || from.includes('recovering')) continue;
      expect({ row, tells }).toEqual({ row, tells: from.includes('closed') ? 'again' : 'firing' });
    }
  });
});
