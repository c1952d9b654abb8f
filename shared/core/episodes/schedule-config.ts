import type { TestConfig } from '../schema/test-config.ts';
import { parseDuration } from '../time.ts';
import type { ScheduledTest } from './schedule-sights.ts';

/** What the config file says of when a test runs; null for what it leaves to be learnt. */
export function scheduleOf(config: TestConfig | null): Pick<ScheduledTest, 'schedule' | 'maxDuration'> {
  const { schedule: cron, time_zone: timeZone = 'UTC', max_duration: most } = config ?? {};
  return {
    schedule: cron === undefined ? null : { cron, timeZone },
    maxDuration: most === undefined ? null : parseDuration(most),
  };
}
