import { expect, test } from 'vitest';
import { goodOf, guessGood } from './direction.ts';

test.each([
  ['epoch_sparse_categorical_accuracy_final', 'higher'],
  ['val/acc_max', 'higher'],
  ['examples_per_sec_mean', 'higher'],
  ['tokens_per_second_final', 'higher'],
  ['eval/f1_final', 'higher'],
  ['coco/mAP_final', 'higher'],
  ['validation/epoch_loss_final', 'lower'],
  ['rmse/validation_final', 'lower'],
  ['total_wall_time', 'lower'],
  ['time_to_accuracy', 'lower'],
  ['step_ms_median', 'lower'],
  ['gpu_memory_usage_bytes', 'lower'],
  ['epoch_learning_rate_final', null],
  ['scapula_final', null],
  // Of load tests, as Locust and k6 name them: percentiles of times, and shares that failed.
  ['total/p95', 'lower'],
  ['GET /p95/requests_per_second', 'higher'],
  ['GET /p95/requests', null],
  ['http_req_failed/rate', 'lower'],
])('guessGood() of %s', (metric, good) => {
  expect(guessGood(metric)).toBe(good);
});

test('a comparison counts more than a name', () => {
  expect(goodOf('loss', 'greater')).toBe('higher');
  expect(goodOf('accuracy', 'less_or_equal')).toBe('lower');
  expect(goodOf('accuracy', 'within')).toBe(null);
  expect(goodOf('accuracy', undefined)).toBe('higher');
});
