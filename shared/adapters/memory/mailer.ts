import { mailProblem } from '../../core/internet-message.ts';
import type { Mail, Mailer, SendResult } from '../../ports/mailer.ts';

/** A mailer that keeps what it is given. */
export interface MemoryMailer extends Mailer {
  /** Every mail that was taken, in order; what was only tried is in `attempts`. */
  readonly sent: readonly Mail[];
  readonly attempts: readonly Mail[];
}

/** `results`, one an attempt, script what the other side says; when they run out, every mail is taken. */
export function memoryMailer(options: { readonly results?: readonly SendResult[] } = {}): MemoryMailer {
  const sent: Mail[] = [];
  const attempts: Mail[] = [];
  return {
    sent,
    attempts,
    async send(mail) {
      const problem = mailProblem(mail);
      if (problem !== null) return { kind: 'failed', detail: problem };
      attempts.push(mail);
      const result = options.results?.[attempts.length - 1] ?? { kind: 'sent', detail: 'kept', refused: [] };
      if (result.kind === 'sent') sent.push(mail);
      return result;
    },
    async close() {},
  };
}
