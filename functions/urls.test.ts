import { describe, expect, test } from 'vitest';
import { UsageError } from './errors.ts';
import { readBigQueryUrl, readPubSubUrl } from './urls.ts';

describe('the URL of a queue at Google', () => {
  test('names project and topic, and what else it needs', () => {
    expect(readPubSubUrl('pubsub://p-1/metrics-written?subscription=tidemark')).toStrictEqual({
      project: 'p-1',
      topic: 'metrics-written',
      subscription: 'tidemark',
      deadLetterTopic: undefined,
    });
    expect(readPubSubUrl('pubsub://example.com:p-1/Topic_1?dead_letter=lost-ones')).toMatchObject({
      project: 'example.com:p-1',
      subscription: undefined,
      deadLetterTopic: 'lost-ones',
    });
  });

  test.each([
    ['pubsub://', '"" is not in this form'],
    ['pubsub://p', '"p" is not in this form'],
    ['pubsub://p/t/u', '"p/t/u" is not in this form'],
    ['pubsub://p/topic?subscripton=s', '"subscripton" is no parameter of it'],
    ['pubsub://p/topic?subscription=', 'subscription cannot be ""'],
    ['pubsub://p/topic?subscription=a%2Fb', 'subscription cannot be "a/b"'],
    ['pubsub://p/../topic', 'is not in this form'],
  ])('%s is refused: %s', (url, why) => {
    expect(() => readPubSubUrl(url)).toThrow(UsageError);
    expect(() => readPubSubUrl(url)).toThrow(why);
  });
});

describe('the URL of a history at Google', () => {
  test('names project and dataset; the location is US unless it says so', () => {
    expect(readBigQueryUrl('bigquery://p/metrics_handler_dataset')).toStrictEqual({
      project: 'p',
      dataset: 'metrics_handler_dataset',
      location: 'US',
    });
    expect(readBigQueryUrl('bigquery://p/d?location=europe-west4').location).toBe('europe-west4');
  });

  test.each([
    ['bigquery://p/data-set', '"p/data-set" is not in this form'],
    ['bigquery://p/d?region=US', '"region" is no parameter of it (there is location)'],
    ['bigquery://p/d`; DROP TABLE x', 'is not in this form'],
  ])('%s is refused: %s', (url, why) => {
    expect(() => readBigQueryUrl(url)).toThrow(why);
  });
});
