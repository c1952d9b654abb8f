import { type Statement, selectList } from '../statement.ts';
import { tableOf } from '../tables.ts';

const { columns: episodes } = tableOf('alert_episodes');
const { columns: steps } = tableOf('alert_episode_events');
const { columns: alerts } = tableOf('alerts');
const { columns: events } = tableOf('run_events');

/** Of each signal and polarity of these tests the episode that opened last, and those that changed last. */
export const NEWEST_EPISODES: Statement = {
  name: 'newest episodes',
  sql: `SELECT ${selectList(episodes, 'e')} FROM alert_episodes AS e
WHERE e.test_name IN UNNEST(@names) AND e.item IS NOT NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY e.fingerprint
  ORDER BY e.opened_at DESC, e.first_bad_run_id DESC, e.episode_id DESC) = 1
  OR e.record = MAX(e.record) OVER (PARTITION BY e.test_name)`,
  parameters: { names: ['STRING'] },
  columns: episodes,
};

/** Episodes of a test, or of all; open ones only, or all. */
export const EPISODES: Statement = {
  name: 'episodes',
  sql: `SELECT ${selectList(episodes, 'e')} FROM alert_episodes AS e
WHERE (@test_name IS NULL OR e.test_name = @test_name) AND (@open = 0 OR e.state <> 'closed')
  AND e.item IS NOT NULL`,
  parameters: { test_name: 'STRING', open: 'INT64' },
  columns: episodes,
};

export const EPISODE_EVENTS: Statement = {
  name: 'steps of an episode',
  sql: `SELECT ${selectList(steps, 's')} FROM alert_episode_events AS s
WHERE s.episode_id = @episode_id AND s.item IS NOT NULL`,
  parameters: { episode_id: 'STRING' },
  columns: steps,
};

export const NOTICES_BY_ID: Statement = {
  name: 'notices by id',
  sql: `SELECT ${selectList(alerts, 'a')} FROM alerts AS a WHERE a.id IN UNNEST(@ids)`,
  parameters: { ids: ['STRING'] },
  columns: alerts,
};

/** What moved episodes: only a replay asks for all of it. */
export const SIGHTINGS: Statement = {
  name: 'sightings',
  sql: `SELECT ${selectList(events, 'e')} FROM run_events AS e WHERE e.kind = 'sighted'`,
  parameters: {},
  columns: events,
};
