import { expect, test } from 'vitest';
import { assessed } from '../../../test/support/assessed.ts';
import { ended, job } from '../../../test/support/history-rows.ts';
import { night } from '../../../test/support/sights.ts';
import { effectiveConfig } from '../effective-config.ts';
import { metricOf } from '../metric.ts';
import type { ConditionConfig } from '../schema/test-config.ts';
import type { Episode } from './episode.ts';
import { applyRecord } from './fold.ts';
import { EPISODE_SETTINGS } from './settings.ts';
import type { Sight } from './sight.ts';
import { sightsOf } from './sights-of.ts';

const BELOW: ConditionConfig = { comparison: 'less', success_threshold: { fixed_value: 1 } };
const LOUD: ConditionConfig = { ...BELOW, severity: 'critical', recover_m: 2 };

/** What night `index` with this loss says under a condition. */
function sights(
  index: number,
  { loss, under, open }: { loss: number; under: ConditionConfig; open?: Episode },
): Sight[] {
  const regression_test_config = { metric_success_conditions: { total_wall_time: null, loss: under } };
  const config = effectiveConfig({
    messageConfig: null,
    configErrors: [],
    fileConfig: { regression_test_config },
  });
  const assessment = assessed({ metrics: [metricOf('loss', loss)], config });
  const run = ended(`r${index}`, 0, { ended: { outcome: 'success', finishedAt: night(index) } });
  return sightsOf({ job: job(run), assessment, config }, open === undefined ? [] : [open]);
}

function after(inputs: readonly Sight[], before: readonly Episode[] = []): Episode {
  return applyRecord(before, { seq: 1, inputs }, EPISODE_SETTINGS).episodes[0]!;
}

/** A record as it was written when how loud a condition is told was part of its demand. */
function asBefore({ formerDigest, ...sight }: Sight): Sight {
  return { ...sight, configDigest: formerDigest ?? sight.configDigest };
}

test.each<readonly [string, ConditionConfig]>([
  ['severity', { ...BELOW, severity: 'info' }],
  ['confirm_n', { ...BELOW, confirm_n: 4 }],
  ['recover_m', { ...BELOW, recover_m: 1 }],
  ['all of them', { ...BELOW, severity: 'critical', confirm_n: 2, recover_m: 3 }],
])('another %s is no other demand: the incident goes on, and ends when it is over', (_, changed) => {
  const open = after(sights(1, { loss: 2, under: BELOW }));
  expect(open).toMatchObject({ state: 'firing', recoverAfter: 2 });
  const back = after(sights(2, { loss: 0.5, under: changed, open }), [open]);
  expect(back).toMatchObject({ state: 'recovering', frozen: open.frozen, configDigest: open.configDigest });
  const over = after(sights(3, { loss: 0.5, under: changed, open: back }), [back]);
  expect(over).toMatchObject({ state: 'closed', closedReason: 'recovered' });
});

test('an incident that a version before has opened goes on under the same condition', () => {
  const opening = sights(1, { loss: 2, under: LOUD });
  const open = after(opening.map(asBefore));
  expect(open.configDigest).not.toBe(after(opening).configDigest);
  const good = sights(2, { loss: 0.5, under: LOUD, open });
  expect(after(good, [open])).toMatchObject({
    state: 'recovering',
    frozen: open.frozen,
    configDigest: after(opening).configDigest,
  });
  // Between the clear bound and the other one: still its own bounds.
  const between = sights(2, { loss: 0.99, under: LOUD, open });
  expect(after(between, [{ ...open, frozen: { ...open.frozen!, clearUpper: 0.9 } }]).state).toBe('firing');
});

test('a condition that says none of them keeps the digest it had', () => {
  for (const sight of sights(1, { loss: 2, under: BELOW })) expect(sight).not.toHaveProperty('formerDigest');
});

test('another threshold is another demand', () => {
  const open = after(sights(1, { loss: 2, under: BELOW }));
  const higher = { ...BELOW, success_threshold: { fixed_value: 3 } };
  const passes = after(sights(2, { loss: 2, under: higher, open }), [open]);
  expect(passes).toMatchObject({ state: 'closed', closedReason: 'config_changed' });
});
