import { parseTime } from '../shared/core/time.ts';
import type { Clock } from '../shared/ports/clock.ts';
import { UsageError } from './errors.ts';

/** The clock of a process: standing still at `now`, else the machine's. */
export function clockAt(now: string | undefined): Clock {
  if (now === undefined) return { now: () => Date.now() };
  const ms = parseTime(now);
  if (ms === null)
    throw new UsageError(`Cannot read --now "${now}": wanted a time such as 2026-08-01T02:15:00Z`);
  return { now: () => ms };
}
