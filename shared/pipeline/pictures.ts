import type { MailRequest } from '../core/mail-request.ts';
import type { Mail } from '../ports/mailer.ts';
import { chartsOf, renderMail } from '../render/mail/render-mail.ts';
import type { Ports } from './context.ts';

/**
 * A mail with its charts as pictures. What cannot be drawn, or where nothing draws, is left out: a mail is never late
 * or lost for a picture. `plain`: no pictures at all, for a mail that is only kept and never sent.
 */
export async function illustratedMail(
  request: MailRequest,
  { charts, log }: Pick<Ports, 'charts' | 'log'>,
  { plain = false }: { readonly plain?: boolean } = {},
): Promise<Mail> {
  const drawn = new Map<string, string>();
  if (charts === undefined || plain) return renderMail(request);
  for (const { cid, svg } of chartsOf(request)) {
    try {
      drawn.set(cid, base64(await charts.draw(svg)));
    } catch (error) {
      log.warn(`A mail goes without its chart: ${error instanceof Error ? error.message : String(error)}`);
      break;
    }
  }
  return renderMail(request, drawn);
}

const SLICE = 8_192;

/** Without Node's own types, which this layer does not have. */
function base64(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += SLICE) {
    text += String.fromCharCode(...bytes.subarray(from, from + SLICE));
  }
  return btoa(text);
}
