import type { Statement } from '../../../shared/adapters/bigquery/statement.ts';
import { MAILS_BY_KEY, MAILS_BY_STATUS } from '../../../shared/adapters/bigquery/statements/mails.ts';
import {
  ALL_REJECTIONS,
  EVENTS_OF_THREADS,
  OTHER_THREADS_OF_KEYS,
  REJECTIONS_BY_ID,
} from '../../../shared/adapters/bigquery/statements/messages.ts';
import {
  ACTIVE_RUNS,
  JOURNALED,
  UNSETTLED_THREADS,
  WAITING_ALERTS,
} from '../../../shared/adapters/bigquery/statements/opening.ts';
import { RUNS, RUNS_BEHIND } from '../../../shared/adapters/bigquery/statements/runs.ts';
import {
  SERIES_ALERTS,
  SERIES_JOBS,
  SERIES_METRICS,
} from '../../../shared/adapters/bigquery/statements/series.ts';
import { WRITE_JOURNAL } from '../../../shared/adapters/bigquery/statements/writing.ts';

/** Every statement of a pass whose text is always the same. */
export const ALL_STATEMENTS: readonly Statement[] = [
  JOURNALED,
  UNSETTLED_THREADS,
  ACTIVE_RUNS,
  WAITING_ALERTS,
  EVENTS_OF_THREADS,
  OTHER_THREADS_OF_KEYS,
  REJECTIONS_BY_ID,
  ALL_REJECTIONS,
  RUNS,
  RUNS_BEHIND,
  SERIES_METRICS,
  SERIES_JOBS,
  SERIES_ALERTS,
  MAILS_BY_STATUS,
  MAILS_BY_KEY,
  WRITE_JOURNAL,
];
