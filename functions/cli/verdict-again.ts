import type { VerdictBody } from '../../shared/core/gate/record.ts';
import { canonicalJson } from '../../shared/core/json.ts';
import { formatTime } from '../../shared/core/time.ts';
import { decideAgain, type JudgedAgain } from '../../shared/pipeline/ask-gate.ts';
import type { History } from '../../shared/ports/history.ts';
import { gateText } from '../../shared/render/gate-text.ts';
import type { GlobalFlags } from '../config.ts';
import { UsageError } from '../errors.ts';
import { readAsked } from '../gate/asked.ts';
import { withHistory } from '../ports.ts';
import { findById } from './find-id.ts';
import { oneLine, type Terminal } from './io.ts';
import { begin } from './open-ports.ts';

/** Shows a verdict that was kept, and whether the same runs give the same today. Exits 0 whatever it says. */
export async function verdictAgain(
  testName: string,
  flags: GlobalFlags & { readonly explainId: string; readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const { setup } = await begin(flags, terminal);
  const { kept, again } = await withHistory(setup, terminal.env, async (history) => {
    const found = await history.decisions({
      kind: 'verdict',
      id: flags.explainId,
      subject: testName,
      limit: 9,
    });
    const decision = findById(flags.explainId, found, {
      what: `verdict of "${testName}"`,
      idOf: ({ id }) => id,
      list: `tidemark query "select id, time from run_events where kind = 'verdict'"`,
    });
    if (decision.data.schema !== 1) {
      throw new UsageError(`Verdict "${flags.explainId}" was kept by a newer Tidemark; install it`);
    }
    const body = decision.data as VerdictBody;
    return { kept: { ...decision, data: body }, again: await judgedAgain(history, testName, body) };
  });
  const { id, at, data } = kept;
  const comparison = compare(data, again);
  if (flags.json) {
    const recomputed = again.kind === 'again' ? again.body : null;
    terminal.out(
      `${JSON.stringify({ id, decided_at: formatTime(at), ...data, same_as_stored: comparison.isSame, recomputed })}\n`,
    );
    return 0;
  }
  terminal.out(gateText(data, { ...terminal, id }));
  terminal.out(
    `Decided at ${formatTime(at)} by policy ${data.policy_digest.slice(0, 12)}. ${comparison.text}\n`,
  );
  return 0;
}

function judgedAgain(history: History, test: string, kept: VerdictBody): Promise<JudgedAgain> {
  const { policy, baseline, version } = kept;
  const question = readAsked({
    test,
    version,
    baselineLabel: baseline === null ? undefined : `${baseline.by}=${baseline.value}`,
    policy: policy.text ?? undefined,
    runs: String(policy.runs),
    onInconclusive: policy.on_inconclusive ?? undefined,
  });
  return decideAgain(history, { question, kept });
}

function compare(kept: VerdictBody, again: JudgedAgain) {
  if (again.kind === 'gone') {
    return { isSame: null, text: 'History no longer has all of its runs as they were.' };
  }
  if (again.kind === 'problem') {
    return { isSame: false, text: `It cannot be judged again: ${oneLine(again.problem)}.` };
  }
  if (canonicalJson(again.body) === canonicalJson(kept)) {
    return { isSame: true, text: 'Judged again from the same runs it is the same.' };
  }
  const text = `Judged again from the same runs it is ${again.body.verdict} now: their rows have changed since.`;
  return { isSame: false, text };
}
