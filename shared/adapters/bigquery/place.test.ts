import { expect, test } from 'vitest';
import { bigQueryPlace } from './place.ts';

test('the URL of a history names project and dataset; the location is US unless it says so', () => {
  expect(bigQueryPlace('bigquery://p/metrics_handler_dataset')).toStrictEqual({
    project: 'p',
    dataset: 'metrics_handler_dataset',
    location: 'US',
  });
  expect(bigQueryPlace('bigquery://example.com:p-1/d?location=europe-west4')).toStrictEqual({
    project: 'example.com:p-1',
    dataset: 'd',
    location: 'europe-west4',
  });
});

test.each([
  ['bigquery://', 'it names no project and dataset'],
  ['bigquery://p', 'it names no project and dataset'],
  ['bigquery://p/d/e', 'it names no project and dataset'],
  ['bigquery://P/d', '"P" is no project id'],
  ['bigquery://p/data-set', '"data-set" is no name of a dataset'],
  ['bigquery://p/d`; DROP TABLE x', 'is no name of a dataset'],
  ['bigquery://p/d?region=US', 'it has no parameter "region"'],
  ['bigquery://p/d?location=', '"" is no location'],
])('%s is refused: %s', (url, why) => {
  expect(() => bigQueryPlace(url)).toThrow(why);
  expect(() => bigQueryPlace(url)).toThrow('wanted bigquery://PROJECT/DATASET');
});
