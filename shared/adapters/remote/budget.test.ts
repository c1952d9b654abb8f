import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteBudget } from './budget.ts';

test('never more is held than there is, everybody is served in the order of asking, and all comes back', async () => {
  const asks = fc.array(fc.record({ bytes: fc.nat(150), turns: fc.nat(5) }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(asks, fc.integer({ min: 1, max: 100 }), async (all, total) => {
      const budget = new ByteBudget(total);
      const served: number[] = [];
      let held = 0;
      const work = async ({ bytes, turns }: { bytes: number; turns: number }, at: number) => {
        const giveBack = await budget.take(bytes);
        served.push(at);
        held += Math.min(bytes, total);
        expect(held).toBeLessThanOrEqual(total);
        expect(budget.held).toBeLessThanOrEqual(total);
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        held -= Math.min(bytes, total);
        giveBack();
        giveBack();
      };
      await Promise.all(all.map(work));
      expect(served).toEqual(all.map((_, at) => at));
      expect(budget.held).toBe(0);
    }),
  );
});

test('a large one is not overtaken by small ones that would fit', async () => {
  const budget = new ByteBudget(10);
  const order: string[] = [];
  const first = await budget.take(5);
  const large = budget.take(8).then((giveBack) => {
    order.push('large');
    giveBack();
  });
  const small = budget.take(1).then((giveBack) => {
    order.push('small');
    giveBack();
  });
  expect(budget.held).toBe(5);
  first();
  await Promise.all([large, small]);
  expect(order).toEqual(['large', 'small']);
});

test.each([0, -1, Number.NaN])('a budget of %s bytes is refused', (total) => {
  expect(() => new ByteBudget(total)).toThrow('the budget must be above 0');
});
