import type { Episode, EpisodeEvent } from '../../core/episodes/episode.ts';
import type { Notice } from '../../core/episodes/notice.ts';
import { noticeOfOldAlert } from '../../core/episodes/old-alert.ts';
import type { WaitingNotice } from '../../ports/episodes.ts';
import type { Connection, SqlRow, SqlValue } from './database.ts';
import { textOf, timeText } from './values.ts';

type Row = Readonly<Record<string, SqlValue>>;

/** `item` holds all of it; the other columns are for people who ask in SQL. */
export function putEpisode(connection: Connection, episode: Episode): void {
  put(connection, { table: 'alert_episodes', key: 'episode_id', row: episodeRow(episode) });
}

export function putEpisodeEvent(connection: Connection, event: EpisodeEvent): void {
  put(connection, { table: 'alert_episode_events', key: 'event_id', row: eventRow(event) });
}

function put(
  connection: Connection,
  { table, key, row }: { readonly table: string; readonly key: string; readonly row: Row },
): void {
  const columns = Object.keys(row);
  const set = columns.filter((name) => name !== key).map((name) => `${name} = excluded.${name}`);
  connection.run(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
     ON CONFLICT (${key}) DO UPDATE SET ${set.join(', ')}`,
    ...Object.values(row),
  );
}

function episodeRow(episode: Episode): Row {
  const { firstBad, lastBad, lastGood, lastRun, frozen, ack } = episode;
  return {
    episode_id: episode.episodeId,
    test_name: episode.testName,
    signal: episode.signal,
    polarity: episode.polarity,
    state: episode.state,
    closed_reason: episode.closedReason,
    opened_at: timeText(episode.openedAt),
    fired_at: timeText(episode.firedAt),
    closed_at: timeText(episode.closedAt),
    first_bad_run_id: firstBad.runId,
    last_good_run_id: lastGood?.runId ?? null,
    bad_total: episode.badTotal,
    fingerprint: episode.fingerprint,
    reason: episode.reason,
    severity: episode.severity,
    demand: episode.demand,
    first_bad_at: timeText(firstBad.at),
    last_run_id: lastRun.runId,
    last_run_at: timeText(lastRun.at),
    first_value: firstBad.value,
    last_value: lastBad.value,
    worst_value: episode.worst,
    lower_bound: frozen?.lower ?? null,
    upper_bound: frozen?.upper ?? null,
    baseline_n: frozen?.baselineN ?? null,
    ...countsOf(episode),
    ack_by: ack?.by ?? null,
    ack_until: timeText(ack?.until ?? null),
    ack_note: ack?.note ?? null,
    thread_id: episode.threadId,
    incident_id: episode.incidentId,
    next_reminder_at: timeText(episode.nextReminderAt),
    labels: JSON.stringify(episode.labels),
    config_digest: episode.configDigest,
    item: JSON.stringify(episode),
  };
}

function countsOf(episode: Episode): Row {
  return {
    bad_streak: episode.badStreak,
    good_streak: episode.goodStreak,
    flap_count: episode.flaps,
    reopen_count: episode.reopened,
    looks_like_new_normal: episode.looksLikeNewNormal ? 1 : 0,
    reminder_count: episode.reminders,
    seq: episode.seq,
    record: episode.record,
  };
}

function eventRow(event: EpisodeEvent): Row {
  const { after } = event;
  return {
    event_id: event.eventId,
    episode_id: after.episodeId,
    at: timeText(event.at),
    run_id: event.runId,
    kind: event.kind,
    from_state: event.fromState,
    to_state: after.state,
    reason: event.reason,
    test_name: after.testName,
    seq: after.seq,
    severity: after.severity,
    value: after.lastRun.value,
    value_kind: after.lastRun.valueKind,
    actor: event.actor,
    note: event.note,
    item: JSON.stringify(event),
  };
}

/** Adds a notice that waits to be told; one that is there already stays as it is. */
export function addNotice(
  connection: Connection,
  { notice, suppressed }: WaitingNotice,
  ingestedAt: number,
): void {
  const { episode } = notice;
  connection.run(
    `INSERT INTO alerts (id, uuid, test_name, run_id, signal, finished_at, recipients, suppressed, item, waiting,
       created_at, episode_id, kind)
     VALUES (?, ?, ?, ?, ?, ?, '[]', ?, ?, 1, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
    notice.id,
    episode.lastRun.uuid,
    episode.testName,
    episode.lastRun.runId,
    episode.signal,
    timeText(notice.at),
    suppressed ? 1 : 0,
    JSON.stringify(notice),
    timeText(ingestedAt),
    episode.episodeId,
    notice.kind,
  );
}

export function episodeOf(row: SqlRow): Episode {
  return JSON.parse(textOf(row, 'item')) as Episode;
}

export function episodeEventOf(row: SqlRow): EpisodeEvent {
  return JSON.parse(textOf(row, 'item')) as EpisodeEvent;
}

export function noticeOf(row: SqlRow): WaitingNotice {
  const item = textOf(row, 'item');
  // Version 1 knew no episodes.
  const isOld = row.episode_id === null;
  const notice = isOld
    ? noticeOfOldAlert({ id: textOf(row, 'id'), uuid: textOf(row, 'uuid'), item })
    : (JSON.parse(item) as Notice);
  return { notice, suppressed: row.suppressed === 1 };
}
