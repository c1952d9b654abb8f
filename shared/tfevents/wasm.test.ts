import { expect, test } from 'vitest';
import { scanModule } from './scan-code.ts';
import { add, branchIf, get, i32, instantiate, less, load, loop, moduleOf, set, store } from './wasm.ts';

test('numbers of any size and a loop over memory come out as they were meant', () => {
  const [at, end, sum] = [0, 1, 2];
  const module = moduleOf(1, [
    {
      name: 'total',
      parameters: 2,
      locals: 1,
      gives: true,
      body: [
        ...loop(
          set(sum, add(get(sum), load([get(at), 40_000]))),
          set(at, add(get(at), i32(4))),
          branchIf(0, less(get(at), get(end))),
        ),
        ...get(sum),
      ],
    },
    { name: 'put', parameters: 1, body: store([i32(300), 39_700], get(0)) },
    ...[-1, 63, 64, -64, -65, 2 ** 31 - 1, -(2 ** 31)].map((number, place) => ({
      name: `number${place}`,
      parameters: 0,
      gives: true,
      body: i32(number),
    })),
  ]);
  type Functions = Record<`number${number}`, () => number> & {
    put(number: number): void;
    total(at: number, end: number): number;
  };
  const made = instantiate<Functions>(module)!;
  expect([0, 1, 2, 3, 4, 5, 6].map((place) => made[`number${place}`]!())).toEqual([
    -1,
    63,
    64,
    -64,
    -65,
    2 ** 31 - 1,
    -(2 ** 31),
  ]);
  made.put(7);
  new Int32Array(made.memory.buffer)[10_002] = 35;
  expect(made.total(0, 12)).toBe(42);
});

test('the scan is a module that this Node takes, or every record would be read field by field', () => {
  expect(instantiate(scanModule())).not.toBeNull();
});

test('a module that no engine takes is none', () => {
  expect(instantiate(Uint8Array.of(0, 1, 2, 3))).toBeNull();
});
