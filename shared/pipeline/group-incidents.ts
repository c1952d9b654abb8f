import type { NoticeToTell } from '../core/delivery/draft.ts';
import type { Episode } from '../core/episodes/episode.ts';
import { type Incident, incidentsOf } from '../core/episodes/incidents.ts';
import type { Notice } from '../core/episodes/notice.ts';
import type { CommonCause } from '../core/mail-request.ts';
import type { Ports, Settings } from './context.ts';
import { recordClock } from './watch-clock.ts';

/** Notices with the common cause they are told under. Incidents are recorded, so that every pass says the same. */
export async function grouped(
  notices: readonly NoticeToTell[],
  ports: Ports,
  settings: Settings,
): Promise<{ readonly notices: readonly NoticeToTell[]; readonly causes: ReadonlyMap<string, CommonCause> }> {
  const fresh = notices.filter(({ suppressed, held }) => !suppressed && held === null);
  const firings = fresh.map(({ notice }) => notice);
  if (incidentsOf(firings).length === 0) return { notices, causes: new Map() };
  const now = await episodesNow(firings, ports);
  const incidents = incidentsOf(firings, (id) => now.get(id)?.incidentId ?? null);
  await recordIncidents(incidents, now, { ports, settings });
  const ids = new Map(
    incidents.flatMap(({ episodeIds, incidentId }) => episodeIds.map((id) => [id, incidentId] as const)),
  );
  const causes = incidents.map(
    ({ incidentId, label, value }) => [incidentId, { incidentId, label, value }] as const,
  );
  return {
    causes: new Map(causes),
    notices: notices.map((told) => {
      const { notice, held } = told;
      const incidentId = held === null ? ids.get(notice.episode.episodeId) : undefined;
      if (incidentId === undefined) return told;
      return { ...told, notice: { ...notice, episode: { ...notice.episode, incidentId } } };
    }),
  };
}

/** Episodes as they are now, by id: all that are open, and those told of that have ended meanwhile. */
async function episodesNow(
  notices: readonly Notice[],
  { history }: Ports,
): Promise<ReadonlyMap<string, Episode>> {
  const open = await history.episodes({ open: true });
  const known = new Set(open.map(({ episodeId }) => episodeId));
  const over = notices.filter(({ episode }) => !known.has(episode.episodeId));
  const all = [...open];
  for (const testName of new Set(over.map(({ episode }) => episode.testName)))
    all.push(...(await history.episodesOf(testName)));
  return new Map(all.map((episode) => [episode.episodeId, episode]));
}

async function recordIncidents(
  incidents: readonly Incident[],
  now: ReadonlyMap<string, Episode>,
  { ports, settings }: { readonly ports: Ports; readonly settings: Settings },
): Promise<void> {
  const inputs = incidents.flatMap(({ episodeIds, incidentId, at }) =>
    episodeIds.flatMap((episodeId) => {
      const episode = now.get(episodeId);
      // A pass that died behind this has said so already.
      if (episode === undefined || episode.incidentId === incidentId) return [];
      const sight = { from: 'clock', kind: 'incident', episodeId, at, incidentId } as const;
      return [{ testName: episode.testName, sight }];
    }),
  );
  const byTest = Map.groupBy(inputs, ({ testName }) => testName);
  const sights = [...byTest].map(([name, of]) => [name, of.map(({ sight }) => sight)] as const);
  await recordClock(new Map(sights), ports, settings);
}
