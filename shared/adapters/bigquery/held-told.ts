import { baselineTestOf, type PersonAction } from '../../core/person-action.ts';
import type { EpisodeStore } from '../../ports/episodes.ts';
import type { ActionStore, Outbox } from '../../ports/history.ts';
import type { Holding } from './holding.ts';
import type { Residence } from './residence.ts';

/** What a pass asks of episodes again and again; the rest is answered from what is stored (`views.ts`). */
type HeldEpisodes = Omit<EpisodeStore, 'episodes' | 'episodeEvents' | 'sightings' | 'notices' | 'runCounts'>;
type HeldOutbox = Omit<Outbox, 'deliveries'>;

/** Episodes, what people did about them, and mails: the parts of a history that tell somebody something. */
export type Told = HeldEpisodes & ActionStore & HeldOutbox;

/** Mails that are marked together: a statement takes seconds, as sending several mails does. */
const MAILS_AT_ONCE = 10;

export function toldOn(holding: Holding): Told {
  return { ...episodes(holding), ...actions(holding), ...outbox(holding) };
}

function episodes({ use, write }: Holding): HeldEpisodes {
  return {
    episodesOf: (testName) =>
      use(async (here) => {
        await here.episodes([testName]);
        return here.copy.episodesOf(testName);
      }),
    expectEpisodesOf: (testNames) => use((here) => here.episodes(testNames)),
    lastRecord: (testName) =>
      use(async (here) => {
        await here.episodes([testName]);
        return here.copy.lastRecord(testName);
      }),
    recordEpisodes: (entry) =>
      write(async (here) => {
        await here.events(entry.learnt.map(({ thread }) => thread));
        await here.notices(entry.notices.map(({ notice }) => notice.id));
        for (const action of entry.actions) await before(here, action);
        await here.copy.recordEpisodes(entry);
      }),
    replaceEpisodes: (all) =>
      write(async (here) => {
        await here.allEpisodes();
        await here.copy.replaceEpisodes(all);
      }),
    waitingNotices: () => use(({ copy }) => copy.waitingNotices()),
    noticesWith: (ids) =>
      use(async (here) => {
        await here.notices(ids);
        return here.copy.noticesWith(ids);
      }),
  };
}

function actions({ use, write }: Holding): ActionStore {
  return {
    addAction: (action) =>
      write(async (here) => {
        await before(here, action);
        await here.copy.addAction(action);
      }),
    actions: (only) => use(({ copy }) => copy.actions(only)),
  };
}

/** Whose judging an action concerns. */
async function before(here: Residence, action: PersonAction): Promise<void> {
  const testName = baselineTestOf(action);
  if (testName !== null) await here.past.before([{ testName, finishedAt: action.at }]);
}

function outbox({ use, write }: Holding): HeldOutbox {
  return {
    mailsAtOnce: MAILS_AT_ONCE,
    addMails: (entries, also) =>
      write(async (here) => {
        await here.mailsByKey([...entries.map(({ mail }) => mail.key), ...(also.released ?? [])]);
        await here.copy.addMails(entries, also);
      }),
    mails: (statuses) =>
      use(async (here) => {
        await here.mailsByStatus(statuses);
        return here.copy.mails(statuses);
      }),
    markMails: (marks) =>
      write(async (here) => {
        await here.mailsByKey(marks.map(({ key }) => key));
        await here.copy.markMails(marks);
      }),
  };
}
