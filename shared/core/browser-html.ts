import type { Mail } from './mail.ts';

/** The HTML of a mail for a browser: its pictures inside, where a mail program takes them from beside it. */
export function browserHtml({ html, attachments = [] }: Pick<Mail, 'html' | 'attachments'>): string {
  return attachments.reduce(
    (text, { cid, contentType, content }) =>
      text.replaceAll(`src="cid:${cid}"`, `src="data:${contentType};base64,${content}"`),
    html,
  );
}
