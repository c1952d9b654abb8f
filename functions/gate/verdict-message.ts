import { type Decision, decisionEvent } from '../../shared/core/decision-record.ts';
import type { OutgoingMessage } from '../../shared/pipeline/send.ts';

/** What puts a decision on the queue; the next tick records it. */
export function decisionMessage(decision: Decision): OutgoingMessage {
  const body = new TextEncoder().encode(JSON.stringify(decisionEvent(decision)));
  return { body, name: `${decision.kind}-${decision.id}`, time: decision.at };
}
