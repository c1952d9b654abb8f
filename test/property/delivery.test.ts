import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeliveryDraft, NoticeToTell, Silence } from '../../shared/core/delivery/draft.ts';
import { toldBy, toldTo } from '../../shared/core/delivery/heads.ts';
import { planDeliveries } from '../../shared/core/delivery/plan.ts';
import type { QuietHours } from '../../shared/core/delivery/policy.ts';
import { quietUntil } from '../../shared/core/delivery/quiet.ts';
import type { NoticeKind } from '../../shared/core/episodes/episode.ts';
import { inputOf, notice, silence, testsOf } from '../support/delivery.ts';
import { day } from '../support/history-rows.ts';

const NIGHT: QuietHours = {
  zone: 'Europe/Berlin',
  from: 1200,
  until: 420,
  weekends: true,
  pass: ['critical'],
};
const OWNERS = { p: { owner: 'a@example.com' }, q: { owner: ['a@example.com', 'b@example.com'] }, r: {} };
const ENDS: readonly NoticeKind[] = ['recovered', 'closed'];

/** One thing that happens: to which incident, what of the things it allows, and when. */
interface Happening {
  readonly incident: number;
  readonly choice: number;
  readonly afterMinutes: number;
  readonly critical: boolean;
  /** What the other side says to each mail that goes out. */
  readonly answers: readonly ('sent' | 'pending' | 'failed')[];
}

const happenings = fc.array(
  fc.record({
    incident: fc.nat({ max: 5 }),
    choice: fc.nat({ max: 5 }),
    afterMinutes: fc.constantFrom(0, 15, 240, 720),
    critical: fc.boolean(),
    answers: fc.array(fc.constantFrom('sent', 'sent', 'sent', 'pending', 'failed'), { maxLength: 4 }),
  }),
  { minLength: 5, maxLength: 60 },
);

const silences = fc.array(
  fc.record({
    test: fc.constantFrom('p', 'q', '*'),
    from: fc.nat({ max: 14 }),
    days: fc.integer({ min: 1, max: 5 }),
  }),
  { maxLength: 3 },
);

type Row = Omit<DeliveryDraft, 'notices'> & {
  readonly notices: readonly NoticeToTell[];
  readonly tellsNow: ReadonlySet<string>;
  status: string;
  readonly subject: string;
  readonly plannedAt: number;
};

/** Lives through what happens as passes do, with an outbox that is a list. */
function live(given: readonly Happening[], quietly: readonly Silence[]) {
  const rows: Row[] = [];
  const waiting: NoticeToTell[] = [];
  const seqs = new Map<number, { seq: number; open: boolean }>();
  let now = day(0);
  const byId = new Map<string, NoticeToTell>();
  for (const { incident, choice, afterMinutes, critical, answers } of given) {
    now += afterMinutes * 60_000;
    const before = seqs.get(incident) ?? { seq: 0, open: false };
    const kinds: readonly NoticeKind[] = before.open
      ? ['escalated', 'flapping', 'reminder', 'recovered', 'closed', 'recovered']
      : [before.seq === 0 ? 'firing' : 'again'];
    const kind = kinds[choice % kinds.length]!;
    const seq = before.seq + 1;
    seqs.set(incident, { seq, open: !ENDS.includes(kind) });
    const fields = {
      testName: 'pqr'[incident % 3]!,
      seq,
      severity: critical ? 'critical' : 'warning',
    } as const;
    const told = { ...notice(`e${incident}`, kind, fields), suppressed: incident === 5 && seq === 1 };
    byId.set(told.notice.id, told);
    waiting.push(told);
    pass(rows, { waiting: waiting.splice(0), now, silences: quietly, byId });
    let at = 0;
    for (const row of rows) {
      if (row.status !== 'pending' || row.notBefore !== null) continue;
      row.status = answers[at++ % Math.max(1, answers.length)] ?? 'sent';
    }
  }
  return { rows, all: [...byId.values()] };
}

function pass(
  rows: Row[],
  {
    waiting,
    now,
    silences: quietly,
    byId,
  }: { waiting: NoticeToTell[]; now: number; silences: readonly Silence[]; byId: Map<string, NoticeToTell> },
): void {
  const due = rows.filter(
    ({ status, notBefore }) => status === 'pending' && notBefore !== null && notBefore <= now,
  );
  const back = due.flatMap(({ notices, key, channel, address }) =>
    notices.map((one) => ({ ...one, held: { key, channel, address } })),
  );
  const policy = { quiet: NIGHT, fallback: ['boss@example.com'] };
  const input = inputOf([...waiting, ...back], {
    now,
    silences: quietly,
    told: toldBy(rows),
    toldTo: toldTo(rows),
    tests: testsOf(OWNERS),
    policy,
  });
  const plan = planDeliveries(input);
  for (const row of rows) if (plan.released.includes(row.key)) row.status = 'suppressed';
  for (const draft of plan.drafts) {
    // What never arrived, or was never sent, is no beginning.
    const arrived = rows.filter(
      ({ status, notBefore }) => notBefore === null && status !== 'failed' && status !== 'suppressed',
    );
    for (const { kind, episode } of draft.suppressedBy === null &&
    draft.kind !== 'digest' &&
    draft.notBefore === null
      ? draft.notices
      : []) {
      const tells = [...arrived, draft].filter(({ address }) => address === draft.address);
      if (ENDS.includes(kind))
        expect(tells.flatMap(({ episodeIds }) => episodeIds)).toContain(episode.episodeId);
    }
    expect(rows.map(({ key }) => key)).not.toContain(draft.key);
    rows.push({
      ...draft,
      notices: draft.notices.map(({ id }) => byId.get(id)!),
      tellsNow: new Set(draft.episodeIds),
      status: draft.suppressedBy === null ? 'pending' : 'suppressed',
      subject: '',
      plannedAt: now,
    });
  }
}

const places = ({ address, notices }: Row) => notices.map(({ notice: { id } }) => `${address} ${id}`);

test('whatever happens, nobody is told of an end of which he was not told, nothing twice, and nothing in the night', () => {
  fc.assert(
    fc.property(happenings, silences, (given, quiet) => {
      const quietly = quiet.map(({ test: name, from, days }, n) =>
        silence(`test=${name}`, { id: `s${n}`, startsAt: day(from), endsAt: day(from + days) }),
      );
      const { rows, all } = live(given, quietly);
      const real = rows.filter(({ suppressedBy, notBefore }) => suppressedBy === null && notBefore === null);

      // Nothing goes out twice, and nothing vanishes without a row.
      const told = real.flatMap(places);
      expect(new Set(told).size).toBe(told.length);
      const kept = new Set(rows.flatMap(({ notices }) => notices.map(({ notice: { id } }) => id)));
      for (const {
        notice: { id },
      } of all)
        expect(kept).toContain(id);

      for (const [index, row] of real.entries()) {
        const { address, plannedAt, kind } = row;
        for (const { notice: one, suppressed } of row.notices) {
          // Nothing of a backfill, of a silence, or of quiet hours.
          expect(suppressed).toBe(false);
          const isSilent = quietly.some(
            ({ startsAt, endsAt, matchers }) =>
              startsAt <= plannedAt &&
              plannedAt < endsAt &&
              ['test=*', `test=${one.episode.testName}`].includes(matchers[0]!),
          );
          expect(isSilent).toBe(false);
          if (one.episode.severity !== 'critical' && !ENDS.includes(one.kind))
            expect(quietUntil(plannedAt, NIGHT)).toBe(null);
          // An end comes with its beginning, or behind it; one line of a digest may say both.
          if (!ENDS.includes(one.kind) || kind === 'digest') continue;
          const begun = real
            .slice(0, index + 1)
            .filter((other) => other.address === address && other.tellsNow.has(one.episode.episodeId));
          expect(begun.length).toBeGreaterThan(0);
        }
      }
    }),
    { numRuns: 300 },
  );
});
