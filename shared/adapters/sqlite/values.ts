import { formatTime, parseTime } from '../../core/time.ts';
import type { SqlRow, SqlValue } from './database.ts';

/** The last time of fixed width; a deadline may lie beyond it. */
const LATEST = parseTime('9999-12-31T23:59:59.999Z')!;

/** Times are ISO 8601 text of fixed width, so that text order is time order. */
export function timeText(ms: number | null): string | null {
  return ms === null ? null : formatTime(Math.min(ms, LATEST));
}

export function timeOf(value: SqlValue | undefined): number {
  return parseTime(String(value))!;
}

export function optionalTimeOf(value: SqlValue | undefined): number | null {
  return value === null || value === undefined ? null : timeOf(value);
}

export function textOf(row: SqlRow, column: string): string {
  return row[column] as string;
}

export function optionalText(row: SqlRow, column: string): string | null {
  return (row[column] as string | null | undefined) ?? null;
}

export function numberOf(row: SqlRow, column: string): number {
  return row[column] as number;
}

export function optionalNumber(row: SqlRow, column: string): number | null {
  return (row[column] as number | null | undefined) ?? null;
}
