import type { LabelName } from '../../core/baseline/label.ts';
import type { EarlierNeed } from '../../core/baseline/question.ts';
import type { RunOrder } from '../../core/run.ts';
import type { SqlValue } from './database.ts';
import { timeText } from './values.ts';

/** Walks `metric_history_series` backwards from one place: its cost is that of the rows it answers with. */
export const EARLIER = `FROM metric_history AS m JOIN job_history AS j ON j.uuid = m.uuid
  WHERE m.test_name = ? AND m.metric_name = ? AND (m.timestamp, m.run_id, m.uuid) < (?, ?, ?)`;
export const NEWEST_FIRST = 'ORDER BY m.timestamp DESC, m.run_id DESC, m.uuid DESC LIMIT ?';

const COLUMNS = {
  accelerator: 'j.accelerator',
  framework_version: 'j.framework_version',
  test_type: 'j.test_type',
};

interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/** Of which runs: finite values of successful ones, and what else the need lets through. */
export function sqlOfNeed({ since, from, without, like = new Map() }: Omit<EarlierNeed, 'limit'>): Sql {
  const parts: Sql[] = [{ text: `m.value_kind = 'finite' AND j.job_status = 'success'`, values: [] }];
  if (since !== undefined) parts.push({ text: 'm.timestamp >= ?', values: [timeText(since)] });
  if (from !== undefined)
    parts.push({ text: '(m.timestamp, m.run_id, m.uuid) >= (?, ?, ?)', values: placeOf(from) });
  if (without !== undefined) {
    const text = 'm.uuid NOT IN (SELECT value FROM json_each(?))';
    parts.push({ text, values: [JSON.stringify(without)] });
  }
  for (const [name, value] of like) {
    const label = sqlOfLabel(name);
    parts.push({ text: `${label.text} IS ?`, values: [...label.values, value] });
  }
  return {
    text: parts.map(({ text }) => text).join(' AND '),
    values: parts.flatMap(({ values }) => values),
  };
}

/** The value of a label of the run; NULL where it has none. */
export function sqlOfLabel(name: LabelName): Sql {
  if (Object.hasOwn(COLUMNS, name)) return { text: COLUMNS[name as keyof typeof COLUMNS], values: [] };
  // By comparison and not by a path, in which a quote or a dot of the name would mean something.
  const text = '(SELECT l.value FROM json_each(j.labels) AS l WHERE l.key = ?)';
  return { text, values: [name.slice('label.'.length)] };
}

/** The columns that runs are ordered by. */
export function placeOf({ finishedAt, runId, uuid }: RunOrder): [string | null, string, string] {
  return [timeText(finishedAt), runId, uuid];
}
