/** Schema version 1: the tables of the contract, and behind them what only the pipeline needs. */
export const INITIAL = `
CREATE TABLE job_history (
  uuid TEXT NOT NULL PRIMARY KEY,
  run_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  test_name TEXT NOT NULL,
  test_type TEXT,
  accelerator TEXT,
  framework_version TEXT,
  job_status TEXT NOT NULL,
  num_failures INTEGER,
  job_duration_sec REAL,
  timestamp TEXT NOT NULL,
  started_at TEXT,
  finished_at TEXT NOT NULL,
  stackdriver_logs_link TEXT,
  logs_download_command TEXT,
  kubernetes_workload_link TEXT,
  msg_publish_time INTEGER NOT NULL,
  verdict TEXT NOT NULL,
  labels TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  ingested_at TEXT NOT NULL
) STRICT;
CREATE INDEX job_history_order ON job_history (test_name, timestamp, run_id, uuid);

CREATE TABLE metric_history (
  uuid TEXT NOT NULL,
  run_id TEXT NOT NULL,
  test_name TEXT NOT NULL,
  timestamp TEXT NOT NULL,
  metric_name TEXT NOT NULL,
  metric_value REAL,
  value_kind TEXT NOT NULL,
  metric_lower_bound REAL,
  metric_upper_bound REAL,
  verdict TEXT,
  reason TEXT,
  baseline_n INTEGER NOT NULL,
  ingested_at TEXT NOT NULL,
  PRIMARY KEY (uuid, metric_name)
) STRICT;
CREATE INDEX metric_history_series ON metric_history (test_name, metric_name, timestamp, run_id, uuid);
CREATE INDEX metric_history_judged ON metric_history (test_name, metric_name) WHERE verdict IS NOT NULL;

CREATE TABLE run_events (
  event_key TEXT NOT NULL PRIMARY KEY,
  thread TEXT NOT NULL,
  kind TEXT NOT NULL,
  test_name TEXT NOT NULL,
  source TEXT NOT NULL,
  id TEXT NOT NULL,
  time TEXT NOT NULL,
  publish_time TEXT NOT NULL,
  body TEXT NOT NULL,
  ingested_at TEXT NOT NULL
) STRICT;
CREATE INDEX run_events_thread ON run_events (thread);

CREATE TABLE rejected_messages (
  id TEXT NOT NULL PRIMARY KEY,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  name TEXT NOT NULL,
  publish_time TEXT NOT NULL,
  body BLOB,
  ingested_at TEXT NOT NULL
) STRICT;

CREATE TABLE ticks (
  tick_id TEXT NOT NULL PRIMARY KEY,
  command TEXT NOT NULL,
  started_at TEXT NOT NULL,
  finished_at TEXT NOT NULL,
  runs INTEGER NOT NULL,
  waiting INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  mails INTEGER NOT NULL
) STRICT;

-- Derived from run_events: which run each thread stands for, and what is still to be done about it.
CREATE TABLE threads (
  thread TEXT NOT NULL PRIMARY KEY,
  unsettled INTEGER NOT NULL
) STRICT;
CREATE INDEX threads_unsettled ON threads (thread) WHERE unsettled = 1;

CREATE TABLE runs (
  uuid TEXT NOT NULL PRIMARY KEY,
  thread TEXT NOT NULL,
  test_name TEXT NOT NULL,
  run_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  begun_at TEXT NOT NULL,
  started_at TEXT,
  outcome TEXT,
  finished_at TEXT,
  check_at TEXT,
  to_judge INTEGER NOT NULL,
  judged INTEGER NOT NULL
) STRICT;
CREATE INDEX runs_thread ON runs (thread);
CREATE INDEX runs_newest ON runs (test_name, begun_at);
CREATE INDEX runs_by_id ON runs (test_name, run_id);
CREATE INDEX runs_order ON runs (test_name, finished_at, run_id, uuid) WHERE judged = 1;
CREATE INDEX runs_to_judge ON runs (finished_at, run_id, uuid) WHERE to_judge > 0;
CREATE INDEX runs_open ON runs (check_at) WHERE outcome IS NULL;

CREATE TABLE alerts (
  id TEXT NOT NULL PRIMARY KEY,
  uuid TEXT NOT NULL,
  test_name TEXT NOT NULL,
  run_id TEXT NOT NULL,
  signal TEXT NOT NULL,
  finished_at TEXT NOT NULL,
  recipients TEXT NOT NULL,
  suppressed INTEGER NOT NULL,
  item TEXT NOT NULL,
  waiting INTEGER NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX alerts_waiting ON alerts (finished_at, test_name, id) WHERE waiting = 1;
CREATE INDEX alerts_test ON alerts (test_name, finished_at);
CREATE INDEX alerts_signal ON alerts (test_name, signal, finished_at, run_id, uuid);

CREATE TABLE alert_outbox (
  message_key TEXT NOT NULL PRIMARY KEY,
  recipients TEXT NOT NULL,
  subject TEXT NOT NULL,
  rendered TEXT NOT NULL,
  alert_ids TEXT NOT NULL,
  status TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  doubts INTEGER NOT NULL,
  detail TEXT,
  created_at TEXT NOT NULL,
  sent_at TEXT
) STRICT;
CREATE INDEX alert_outbox_status ON alert_outbox (status, created_at);

-- Version 2 says what fills these.
CREATE TABLE alert_episodes (
  episode_id TEXT NOT NULL PRIMARY KEY,
  test_name TEXT NOT NULL,
  signal TEXT NOT NULL,
  polarity TEXT NOT NULL,
  state TEXT NOT NULL,
  closed_reason TEXT,
  opened_at TEXT,
  fired_at TEXT,
  closed_at TEXT,
  first_bad_run_id TEXT,
  last_good_run_id TEXT,
  bad_total INTEGER NOT NULL
) STRICT;
CREATE TABLE alert_episode_events (
  event_id TEXT NOT NULL PRIMARY KEY,
  episode_id TEXT NOT NULL,
  at TEXT NOT NULL,
  run_id TEXT,
  kind TEXT NOT NULL,
  from_state TEXT,
  to_state TEXT,
  reason TEXT
) STRICT;
CREATE TABLE alert_actions (
  action_id TEXT NOT NULL PRIMARY KEY,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  starts_at TEXT,
  ends_at TEXT,
  note TEXT
) STRICT;
`;

/** Schema version 2: episodes. What was told of them are rows of `alerts`; those of version 1 name no episode. */
export const EPISODES = `
ALTER TABLE alert_episodes ADD COLUMN fingerprint TEXT;
ALTER TABLE alert_episodes ADD COLUMN reason TEXT;
ALTER TABLE alert_episodes ADD COLUMN severity TEXT;
ALTER TABLE alert_episodes ADD COLUMN demand TEXT;
ALTER TABLE alert_episodes ADD COLUMN first_bad_at TEXT;
ALTER TABLE alert_episodes ADD COLUMN last_run_id TEXT;
ALTER TABLE alert_episodes ADD COLUMN last_run_at TEXT;
ALTER TABLE alert_episodes ADD COLUMN first_value REAL;
ALTER TABLE alert_episodes ADD COLUMN last_value REAL;
ALTER TABLE alert_episodes ADD COLUMN worst_value REAL;
ALTER TABLE alert_episodes ADD COLUMN lower_bound REAL;
ALTER TABLE alert_episodes ADD COLUMN upper_bound REAL;
ALTER TABLE alert_episodes ADD COLUMN baseline_n INTEGER;
ALTER TABLE alert_episodes ADD COLUMN bad_streak INTEGER;
ALTER TABLE alert_episodes ADD COLUMN good_streak INTEGER;
ALTER TABLE alert_episodes ADD COLUMN flap_count INTEGER;
ALTER TABLE alert_episodes ADD COLUMN reopen_count INTEGER;
ALTER TABLE alert_episodes ADD COLUMN looks_like_new_normal INTEGER;
ALTER TABLE alert_episodes ADD COLUMN ack_by TEXT;
ALTER TABLE alert_episodes ADD COLUMN ack_until TEXT;
ALTER TABLE alert_episodes ADD COLUMN ack_note TEXT;
ALTER TABLE alert_episodes ADD COLUMN thread_id TEXT;
ALTER TABLE alert_episodes ADD COLUMN incident_id TEXT;
ALTER TABLE alert_episodes ADD COLUMN reminder_count INTEGER;
ALTER TABLE alert_episodes ADD COLUMN next_reminder_at TEXT;
ALTER TABLE alert_episodes ADD COLUMN labels TEXT;
ALTER TABLE alert_episodes ADD COLUMN config_digest TEXT;
ALTER TABLE alert_episodes ADD COLUMN seq INTEGER;
ALTER TABLE alert_episodes ADD COLUMN record INTEGER;
ALTER TABLE alert_episodes ADD COLUMN item TEXT;
CREATE INDEX alert_episodes_test ON alert_episodes (test_name, fingerprint, opened_at);
CREATE INDEX alert_episodes_open ON alert_episodes (opened_at) WHERE state <> 'closed';

ALTER TABLE alert_episode_events ADD COLUMN test_name TEXT;
ALTER TABLE alert_episode_events ADD COLUMN seq INTEGER;
ALTER TABLE alert_episode_events ADD COLUMN severity TEXT;
ALTER TABLE alert_episode_events ADD COLUMN value REAL;
ALTER TABLE alert_episode_events ADD COLUMN value_kind TEXT;
ALTER TABLE alert_episode_events ADD COLUMN actor TEXT;
ALTER TABLE alert_episode_events ADD COLUMN note TEXT;
ALTER TABLE alert_episode_events ADD COLUMN item TEXT;
CREATE INDEX alert_episode_events_episode ON alert_episode_events (episode_id, seq);

ALTER TABLE alerts ADD COLUMN episode_id TEXT;
ALTER TABLE alerts ADD COLUMN kind TEXT;

ALTER TABLE alert_outbox ADD COLUMN channel TEXT;
ALTER TABLE alert_outbox ADD COLUMN address TEXT;
ALTER TABLE alert_outbox ADD COLUMN kind TEXT;
ALTER TABLE alert_outbox ADD COLUMN episode_ids TEXT;
ALTER TABLE alert_outbox ADD COLUMN thread_id TEXT;
ALTER TABLE alert_outbox ADD COLUMN not_before TEXT;
ALTER TABLE alert_outbox ADD COLUMN at_most_once INTEGER;
-- All that is asked without the mail itself, whose pages it would else have to pass over.
CREATE INDEX alert_outbox_told ON alert_outbox
  (created_at, message_key, channel, address, kind, episode_ids, thread_id, not_before, status, subject);
CREATE INDEX run_events_sighted ON run_events (test_name, event_key) WHERE kind = 'sighted';
`;

/** Schema version 3: how an action came, and from which runs a metric was judged. */
export const BASELINES = `
ALTER TABLE alert_actions ADD COLUMN via TEXT;
ALTER TABLE metric_history ADD COLUMN baseline TEXT;
`;

/** Schema version 4: decisions are looked up among far more rows that tell of runs. */
export const DECISIONS = `
CREATE INDEX run_events_decisions ON run_events (kind, time DESC, id)
  WHERE kind IN ('verdict', 'comparison', 'candidate');
`;

/** The characters that `withoutBlanks` of the core takes off. */
const BLANKS = 'char(32, 9, 13, 10)';

/** Which version a run is of, as `versionOf` of the core says. */
export const VERSION_OF_JOB = `coalesce(
  nullif(trim(json_extract(labels, '$."version"'), ${BLANKS}), ''), nullif(trim(framework_version, ${BLANKS}), ''))`;

/** What a run says of itself under the name that is the parameter, as `factsOf` of the core says. */
export const FACT_OF_JOB = `trim(coalesce(
  CASE ? WHEN 'accelerator' THEN accelerator WHEN 'framework_version' THEN framework_version
    WHEN 'test_type' THEN test_type END,
  (SELECT value FROM json_each(labels) WHERE key = ?)), ${BLANKS})`;

/** Schema version 5: runs of a version, and runs that were never judged, are found without looking at all runs. */
export const GATE = `
CREATE INDEX job_history_version ON job_history (test_name, ${VERSION_OF_JOB}, timestamp, run_id, uuid);
-- All that tells runs apart, so that those that are passed over cost no row.
CREATE INDEX job_history_facts ON job_history
  (test_name, timestamp, run_id, uuid, labels, accelerator, framework_version, test_type);
CREATE INDEX runs_unjudged ON runs (test_name, begun_at, uuid) WHERE judged = 0;
`;
