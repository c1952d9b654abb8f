import { TABLE_KEYS, TABLE_NAMES, TABLE_TIMES, type TableName } from '../../ports/tables.ts';

export type ColumnType = 'STRING' | 'INT64' | 'FLOAT64' | 'TIMESTAMP' | 'JSON' | 'BYTES' | 'BOOL';

/** A column of a table or of an answer. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly required: boolean;
}

/** What is in a table and how it is laid out. */
export interface Table {
  readonly name: string;
  readonly key: readonly string[];
  readonly columns: readonly Column[];
  /** A TIMESTAMP column; one partition a month, since a day of a small history is next to nothing. */
  readonly partition: string | null;
  /** What most statements ask by, so that they read few blocks. */
  readonly cluster: readonly string[];
  /** Columns that keep what was first written. */
  readonly kept: readonly string[];
}

/** `name TYPE` or `name TYPE NOT NULL`, one a line. */
function columnsOf(text: string): Column[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [name, type, ...rest] = line.trim().split(' ');
      return { name: name!, type: type as ColumnType, required: rest.join(' ') === 'NOT NULL' };
    });
}

interface Layout {
  readonly cluster: readonly string[];
  readonly kept?: readonly string[];
}

function define(name: TableName, layout: Layout, columns: string): Table {
  const { cluster, kept = [] } = layout;
  const partition = TABLE_TIMES[name] ?? null;
  return { name, key: TABLE_KEYS[name], columns: columnsOf(columns), partition, cluster, kept };
}

const DEFINITIONS: readonly Table[] = [
  define(
    'job_history',
    { cluster: ['test_name', 'accelerator'] },
    `uuid STRING NOT NULL
     run_id STRING NOT NULL
     attempt INT64 NOT NULL
     test_name STRING NOT NULL
     test_type STRING
     accelerator STRING
     framework_version STRING
     job_status STRING NOT NULL
     num_failures INT64
     job_duration_sec FLOAT64
     timestamp TIMESTAMP NOT NULL
     started_at TIMESTAMP
     finished_at TIMESTAMP NOT NULL
     stackdriver_logs_link STRING
     logs_download_command STRING
     kubernetes_workload_link STRING
     msg_publish_time INT64 NOT NULL
     verdict STRING NOT NULL
     labels JSON NOT NULL
     schema_version INT64 NOT NULL
     ingested_at TIMESTAMP NOT NULL`,
  ),
  define(
    'metric_history',
    { cluster: ['test_name', 'metric_name'] },
    `uuid STRING NOT NULL
     run_id STRING NOT NULL
     test_name STRING NOT NULL
     timestamp TIMESTAMP NOT NULL
     metric_name STRING NOT NULL
     metric_value FLOAT64
     value_kind STRING NOT NULL
     metric_lower_bound FLOAT64
     metric_upper_bound FLOAT64
     verdict STRING
     reason STRING
     baseline_n INT64 NOT NULL
     ingested_at TIMESTAMP NOT NULL
     baseline STRING`,
  ),
  define(
    'run_events',
    { cluster: ['thread'], kept: ['ingested_at'] },
    `event_key STRING NOT NULL
     thread STRING NOT NULL
     kind STRING NOT NULL
     test_name STRING NOT NULL
     source STRING NOT NULL
     id STRING NOT NULL
     time TIMESTAMP NOT NULL
     publish_time TIMESTAMP NOT NULL
     body STRING NOT NULL
     ingested_at TIMESTAMP NOT NULL`,
  ),
  define(
    'rejected_messages',
    { cluster: ['id'], kept: ['ingested_at'] },
    `id STRING NOT NULL
     reason STRING NOT NULL
     detail STRING NOT NULL
     name STRING NOT NULL
     publish_time TIMESTAMP NOT NULL
     body BYTES
     ingested_at TIMESTAMP NOT NULL`,
  ),
  define(
    'ticks',
    { cluster: ['tick_id'] },
    `tick_id STRING NOT NULL
     command STRING NOT NULL
     started_at TIMESTAMP NOT NULL
     finished_at TIMESTAMP NOT NULL
     runs INT64 NOT NULL
     waiting INT64 NOT NULL
     rejected INT64 NOT NULL
     mails INT64 NOT NULL`,
  ),
  define(
    'threads',
    { cluster: ['unsettled', 'thread'] },
    `thread STRING NOT NULL
     unsettled INT64 NOT NULL`,
  ),
  define(
    'runs',
    { cluster: ['test_name', 'run_id'] },
    `uuid STRING NOT NULL
     thread STRING NOT NULL
     test_name STRING NOT NULL
     run_id STRING NOT NULL
     attempt INT64 NOT NULL
     begun_at TIMESTAMP NOT NULL
     started_at TIMESTAMP
     outcome STRING
     finished_at TIMESTAMP
     check_at TIMESTAMP
     to_judge INT64 NOT NULL
     judged INT64 NOT NULL`,
  ),
  define(
    'alerts',
    { cluster: ['test_name'], kept: ['created_at'] },
    `id STRING NOT NULL
     uuid STRING NOT NULL
     test_name STRING NOT NULL
     run_id STRING NOT NULL
     signal STRING NOT NULL
     finished_at TIMESTAMP NOT NULL
     recipients STRING NOT NULL
     suppressed INT64 NOT NULL
     item STRING NOT NULL
     waiting INT64 NOT NULL
     created_at TIMESTAMP NOT NULL
     episode_id STRING
     kind STRING`,
  ),
  define(
    'alert_outbox',
    { cluster: ['status'] },
    `message_key STRING NOT NULL
     recipients STRING NOT NULL
     subject STRING NOT NULL
     rendered STRING NOT NULL
     alert_ids STRING NOT NULL
     status STRING NOT NULL
     attempts INT64 NOT NULL
     doubts INT64 NOT NULL
     detail STRING
     created_at TIMESTAMP NOT NULL
     sent_at TIMESTAMP
     channel STRING
     address STRING
     kind STRING
     episode_ids STRING
     thread_id STRING
     not_before TIMESTAMP
     at_most_once INT64`,
  ),
  define(
    'alert_episodes',
    { cluster: ['test_name'] },
    `episode_id STRING NOT NULL
     test_name STRING NOT NULL
     signal STRING NOT NULL
     polarity STRING NOT NULL
     state STRING NOT NULL
     closed_reason STRING
     opened_at TIMESTAMP
     fired_at TIMESTAMP
     closed_at TIMESTAMP
     first_bad_run_id STRING
     last_good_run_id STRING
     bad_total INT64 NOT NULL
     fingerprint STRING
     reason STRING
     severity STRING
     demand STRING
     first_bad_at TIMESTAMP
     last_run_id STRING
     last_run_at TIMESTAMP
     first_value FLOAT64
     last_value FLOAT64
     worst_value FLOAT64
     lower_bound FLOAT64
     upper_bound FLOAT64
     baseline_n INT64
     bad_streak INT64
     good_streak INT64
     flap_count INT64
     reopen_count INT64
     looks_like_new_normal INT64
     ack_by STRING
     ack_until TIMESTAMP
     ack_note STRING
     thread_id STRING
     incident_id STRING
     reminder_count INT64
     next_reminder_at TIMESTAMP
     labels STRING
     config_digest STRING
     seq INT64
     record INT64
     item STRING`,
  ),
  define(
    'alert_episode_events',
    { cluster: ['episode_id'] },
    `event_id STRING NOT NULL
     episode_id STRING NOT NULL
     at TIMESTAMP NOT NULL
     run_id STRING
     kind STRING NOT NULL
     from_state STRING
     to_state STRING
     reason STRING
     test_name STRING
     seq INT64
     severity STRING
     value FLOAT64
     value_kind STRING
     actor STRING
     note STRING
     item STRING`,
  ),
  define(
    'alert_actions',
    { cluster: ['target'] },
    `action_id STRING NOT NULL
     at TIMESTAMP NOT NULL
     actor STRING NOT NULL
     kind STRING NOT NULL
     target STRING NOT NULL
     starts_at TIMESTAMP
     ends_at TIMESTAMP
     note STRING
     via STRING`,
  ),
];

const BY_NAME = new Map(DEFINITIONS.map((table) => [table.name, table]));

/** The definition of a table of the history. */
export function tableOf(name: TableName): Table {
  return BY_NAME.get(name)!;
}

/** Every table of the history. */
export const TABLES: readonly Table[] = TABLE_NAMES.map(tableOf);

/**
 * Changes of several tables that happen together: they are rows here first, which is the moment at which they
 * have happened, and are then applied in one transaction that takes them off again.
 */
export const JOURNAL: Table = {
  name: 'write_journal',
  key: ['batch', 'n'],
  columns: columnsOf(
    `batch STRING NOT NULL
     n INT64 NOT NULL
     table_name STRING NOT NULL
     change STRING NOT NULL`,
  ),
  partition: null,
  cluster: ['batch'],
  kept: [],
};

/** Names and definitions of the views: one row a key, whatever became of the tables. */
export const VIEWS: readonly { readonly name: string; readonly sql: string }[] = (
  ['job_history', 'metric_history'] as const
).map((name) => ({
  name: `${name}_latest`,
  sql: `SELECT * FROM \`${name}\` WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY ${TABLE_KEYS[name].join(', ')} ORDER BY ingested_at DESC) = 1`,
}));
