import { compareText } from './text-order.ts';

/** A run that wants a uuid: the one that a message brought, or its own, which is derived from its identity. */
export interface UuidClaim {
  readonly uuid: string;
  readonly ownUuid: string;
  readonly thread: string;
}

/**
 * Gives every run a uuid of its own, in the order of `claims`. Of several runs that claim one uuid the run
 * gets it whose own it is, else the first by thread: who came first must not matter. The others fall back to
 * their own, which nobody can take from them.
 */
export function settleUuids(claims: readonly UuidClaim[]): string[] {
  const given = claims.map(({ uuid }) => uuid);
  for (;;) {
    const holders = new Map<string, number>();
    claims.forEach((claim, index) => {
      const uuid = given[index]!;
      const holder = holders.get(uuid);
      if (holder === undefined || goesBefore(claim, claims[holder]!, uuid)) holders.set(uuid, index);
    });
    const losers = claims.flatMap(({ ownUuid }, index) =>
      holders.get(given[index]!) !== index && given[index] !== ownUuid ? [index] : [],
    );
    if (losers.length === 0) return given;
    // A run that falls back may take its own from one that had brought it along: hence again.
    for (const index of losers) given[index] = claims[index]!.ownUuid;
  }
}

function goesBefore(one: UuidClaim, other: UuidClaim, uuid: string): boolean {
  const isOwn = (claim: UuidClaim) => Number(claim.ownUuid === uuid);
  return (isOwn(other) - isOwn(one) || compareText(one.thread, other.thread)) < 0;
}
