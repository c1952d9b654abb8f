import { parseMatcher } from '../../shared/core/delivery/matcher.ts';
import { LONGEST_SILENCE, silencesOf, unsilenceMatcher } from '../../shared/core/delivery/silences.ts';
import { actionOf } from '../../shared/pipeline/act.ts';
import type { GlobalFlags } from '../config.ts';
import { UsageError } from '../errors.ts';
import { type ActingFlags, acting, lasting } from './acting.ts';
import { findById, shortId } from './find-id.ts';
import type { Terminal } from './io.ts';
import { shortTime } from './summary.ts';

type Flags = ActingFlags & GlobalFlags;

/** Keeps what meets all matchers from being told, for a while; it is judged all the same. */
export async function silenceCommand(
  matchers: readonly string[],
  flags: Flags,
  terminal: Terminal,
): Promise<number> {
  const wrong = matchers.map(parseMatcher).find((matcher) => typeof matcher === 'string');
  if (wrong !== undefined) throw new UsageError(`Cannot silence: ${wrong}`);
  if (flags.for === undefined) throw new UsageError('Cannot silence without an end: say it with --for 7d');
  if (!flags.note?.trim()) throw new UsageError('Cannot silence without a reason: say it with --note "…"');
  const lasts = lasting(flags.for, { most: LONGEST_SILENCE });
  const line = await acting(flags, terminal, async ({ history, now, actor, note }) => {
    const until = now + lasts;
    const action = actionOf({ kind: 'silence', actor, at: now, until, note }, { matchers });
    await history.addAction(action);
    return `Silence ${shortId(action.actionId)} on ${matchers.join(' ')} until ${shortTime(until)} UTC.`;
  });
  terminal.out(`${line}\n`);
  return 0;
}

/** Ends a silence before its time. */
export async function unsilenceCommand(typed: string, flags: Flags, terminal: Terminal): Promise<number> {
  const line = await acting(flags, terminal, async ({ setup, history, now, actor, note }) => {
    const all = silencesOf(await history.actions({ kinds: ['silence', 'unsilence'] }));
    const list = `${setup.command} status`;
    const silence = findById(typed, all, { what: 'silence', idOf: ({ id }) => id, list });
    const name = `Silence ${shortId(silence.id)} on ${silence.matchers.join(' ')}`;
    if (silence.endsAt <= now) throw new UsageError(`${name} ended at ${shortTime(silence.endsAt)} UTC`);
    const wish = { kind: 'unsilence', actor, at: now, until: null, note } as const;
    await history.addAction(actionOf(wish, { matchers: [unsilenceMatcher(silence.id)] }));
    return `${name} ended.`;
  });
  terminal.out(`${line}\n`);
  return 0;
}
