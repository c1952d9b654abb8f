import { domainOf } from '../core/address.ts';
import type { Mail } from '../core/mail.ts';
import { type MailRequest, mailContent, subjectOf } from './mail-content.ts';
import { mailHtml } from './mail-html.ts';
import { mailText } from './mail-text.ts';

export type { MailRequest } from './mail-content.ts';

/**
 * One mail for one set of addresses: what failed, value, bounds, how many runs they came from, the last good
 * run, links. The same request gives the same mail. Throws a RangeError when there is no item.
 */
export function renderMail(request: MailRequest): Mail {
  const content = mailContent(request);
  const subject = subjectOf(content);
  return {
    key: request.key,
    from: request.from,
    to: request.to,
    subject,
    text: mailText(content),
    html: mailHtml(content, subject),
    date: request.date,
    headers: {
      'Auto-Submitted': 'auto-generated',
      // Not `All`: that would also ask Exchange to suppress the report that a mail could not be delivered.
      'X-Auto-Response-Suppress': 'OOF, AutoReply, RN, NRN',
      'List-Id': `Tidemark alerts <tidemark.${domainOf(request.from)}>`,
    },
  };
}
