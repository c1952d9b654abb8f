import type { Episode } from '../../core/episodes/episode.ts';
import { compareText } from '../../core/text-order.ts';
import type { EpisodeChanges, EpisodeStore, WaitingNotice } from '../../ports/episodes.ts';
import { putAction } from './history-actions.ts';
import { addLearnt, type Store } from './history-store.ts';

export function episodeStore(store: Store): EpisodeStore {
  const all = () => [...store.episodes.values()].sort(compareEpisodes);
  const notices = () => [...store.notices.values()].sort((a, b) => compareNotices(a.told, b.told));
  return {
    async episodesOf(testName) {
      const ofTest = all().filter((episode) => episode.testName === testName);
      const newest = new Map(ofTest.map((episode) => [episode.fingerprint, episode]));
      return [...newest.values()].sort(compareEpisodes);
    },

    expectEpisodesOf: async () => {},

    async lastRecord(testName) {
      const ofTest = all().filter((episode) => episode.testName === testName);
      return Math.max(0, ...ofTest.map(({ record }) => record));
    },

    async episodes({ testName, open }) {
      return all().filter(
        (episode) =>
          (testName === undefined || episode.testName === testName) &&
          (open !== true || episode.state !== 'closed'),
      );
    },

    async episodeEvents(episodeId) {
      return [...store.episodeEvents.values()]
        .filter(({ after }) => after.episodeId === episodeId)
        .sort((a, b) => a.after.seq - b.after.seq || compareText(a.eventId, b.eventId));
    },

    async recordEpisodes({ learnt, actions, ...changes }) {
      for (const action of actions) putAction(store, action);
      addLearnt(store, learnt);
      putChanges(store, changes);
    },

    async sightings() {
      return [...store.events.values()]
        .filter(({ kind }) => kind === 'sighted')
        .sort((a, b) => compareText(a.testName, b.testName) || compareText(a.eventKey, b.eventKey));
    },

    async replaceEpisodes({ episodes, events }) {
      store.episodes.clear();
      store.episodeEvents.clear();
      putChanges(store, { episodes, events, notices: [] });
    },

    async waitingNotices() {
      return notices()
        .filter(({ waiting }) => waiting)
        .map(({ told }) => told);
    },

    async runCounts({ from, until }) {
      const counts = [...store.judged].map(([testName, runs]) => {
        const upTo = runs.filter(({ finishedAt }) => finishedAt <= until);
        return {
          testName,
          recent: upTo.filter(({ finishedAt }) => finishedAt > from).length,
          all: upTo.length,
        };
      });
      return counts.filter(({ all }) => all > 0).sort((a, b) => compareText(a.testName, b.testName));
    },

    async noticesWith(ids) {
      return notices()
        .map(({ told }) => told)
        .filter(({ notice }) => ids.includes(notice.id));
    },

    async notices(testName) {
      return notices()
        .map(({ told }) => told)
        .filter(({ notice }) => testName === null || notice.episode.testName === testName);
    },
  };
}

export function putChanges(store: Store, { episodes, events, notices }: EpisodeChanges): void {
  for (const episode of episodes) store.episodes.set(episode.episodeId, episode);
  for (const event of events) store.episodeEvents.set(event.eventId, event);
  for (const told of notices) {
    const { id } = told.notice;
    if (!store.notices.has(id)) store.notices.set(id, { told, waiting: true });
  }
}

/** In the order in which they opened. */
function compareEpisodes(a: Episode, b: Episode): number {
  return (
    a.openedAt - b.openedAt ||
    compareText(a.firstBad.runId, b.firstBad.runId) ||
    compareText(a.episodeId, b.episodeId)
  );
}

function compareNotices({ notice: a }: WaitingNotice, { notice: b }: WaitingNotice): number {
  return a.at - b.at || compareText(a.episode.testName, b.episode.testName) || compareText(a.id, b.id);
}
