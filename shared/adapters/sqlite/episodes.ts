import type { EpisodeChanges, EpisodeFilter, EpisodeStore } from '../../ports/episodes.ts';
import { putAction } from './actions.ts';
import type { Connection } from './database.ts';
import {
  addNotice,
  episodeEventOf,
  episodeOf,
  noticeOf,
  putEpisode,
  putEpisodeEvent,
} from './episode-rows.ts';
import { eventOf, putEvent } from './events.ts';
import { numberOf, textOf, timeText } from './values.ts';

const ORDER = 'opened_at, first_bad_run_id, episode_id';

/** Of each signal and polarity the one that opened last. */
export const NEWEST_EPISODES = `SELECT * FROM (
    SELECT *, row_number() OVER (PARTITION BY fingerprint
      ORDER BY opened_at DESC, first_bad_run_id DESC, episode_id DESC) AS nth
    FROM alert_episodes WHERE test_name = ?)
  WHERE nth = 1 ORDER BY ${ORDER}`;

export function episodeStore(connection: Connection): EpisodeStore {
  return {
    async episodesOf(testName) {
      return connection.all(NEWEST_EPISODES, testName).map(episodeOf);
    },

    // The file is here.
    expectEpisodesOf: async () => {},

    async lastRecord(testName) {
      const row = connection.first(
        'SELECT coalesce(max(record), 0) AS n FROM alert_episodes WHERE test_name = ?',
        testName,
      );
      return numberOf(row!, 'n');
    },

    async episodes(filter) {
      const { where, values } = conditionOf(filter);
      return connection
        .all(`SELECT * FROM alert_episodes WHERE ${where} ORDER BY ${ORDER}`, ...values)
        .map(episodeOf);
    },

    async episodeEvents(episodeId) {
      const rows = connection.all(
        'SELECT * FROM alert_episode_events WHERE episode_id = ? ORDER BY seq, event_id',
        episodeId,
      );
      return rows.map(episodeEventOf);
    },

    async recordEpisodes({ learnt, actions, ingestedAt, ...changes }) {
      connection.atomically(() => {
        for (const action of actions) putAction(connection, action);
        for (const event of learnt) putEvent(connection, event, ingestedAt);
        putChanges(connection, changes, ingestedAt);
      });
    },

    async sightings() {
      return connection
        .all(`SELECT * FROM run_events WHERE kind = 'sighted' ORDER BY test_name, event_key`)
        .map(eventOf);
    },

    async replaceEpisodes({ episodes, events }) {
      connection.atomically(() => {
        connection.run('DELETE FROM alert_episodes');
        connection.run('DELETE FROM alert_episode_events');
        putChanges(connection, { episodes, events, notices: [] }, 0);
      });
    },

    async waitingNotices() {
      return connection
        .all('SELECT * FROM alerts WHERE waiting = 1 ORDER BY finished_at, test_name, id')
        .map(noticeOf);
    },

    async runCounts({ from, until }) {
      const rows = connection.all(
        `SELECT test_name, sum(timestamp > ?) AS recent, count(*) AS runs FROM job_history
         WHERE timestamp <= ? GROUP BY test_name ORDER BY test_name`,
        timeText(from),
        timeText(until),
      );
      return rows.map((row) => ({
        testName: textOf(row, 'test_name'),
        recent: numberOf(row, 'recent'),
        all: numberOf(row, 'runs'),
      }));
    },

    async noticesWith(ids) {
      const rows = connection.all(
        `${NOTICES} AND id IN (SELECT value FROM json_each(?)) ORDER BY finished_at, test_name, id`,
        JSON.stringify(ids),
      );
      return rows.map(noticeOf);
    },

    async notices(testName) {
      const rows =
        testName === null
          ? connection.all(`${NOTICES} ORDER BY finished_at, test_name, id`)
          : connection.all(`${NOTICES} AND test_name = ? ORDER BY finished_at, id`, testName);
      return rows.map(noticeOf);
    },
  };
}

const NOTICES = 'SELECT * FROM alerts WHERE episode_id IS NOT NULL';

/** Part of a transaction of the caller's. */
export function putChanges(connection: Connection, changes: EpisodeChanges, ingestedAt: number): void {
  for (const episode of changes.episodes) putEpisode(connection, episode);
  for (const event of changes.events) putEpisodeEvent(connection, event);
  for (const waiting of changes.notices) addNotice(connection, waiting, ingestedAt);
}

function conditionOf({ testName, open }: EpisodeFilter): { where: string; values: string[] } {
  const ofTest = testName === undefined ? [] : [testName];
  const conditions = [
    ...(open === true ? [`state <> 'closed'`] : []),
    ...ofTest.map(() => 'test_name = ?'),
    '1',
  ];
  return { where: conditions.join(' AND '), values: ofTest };
}
