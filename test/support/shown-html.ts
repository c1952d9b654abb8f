import type { Mail } from '../../shared/core/mail.ts';

/** The HTML of a mail with its pictures inside, as a mail program puts them there. */
export function shownHtml({ html, attachments = [] }: Mail): string {
  return attachments.reduce(
    (text, { cid, contentType, content }) =>
      text.replaceAll(`cid:${cid}`, `data:${contentType};base64,${content}`),
    html,
  );
}
