import { domainOf } from '../../core/address.ts';
import type { Mail } from '../../core/mail.ts';
import type { MailRequest } from '../../core/mail-request.ts';
import { chartData } from '../chart/chart-data.ts';
import { chartSvg } from '../chart/chart-svg.ts';
import type { MailDocument } from './document.ts';
import { mailHeaders } from './headers.ts';
import { mailHtml } from './html.ts';
import { noticesDocument, plannedCharts } from './notices-mail.ts';
import { mailText } from './text.ts';
import { weeklyDocument } from './weekly-mail.ts';

/** A chart that a mail would show, to be drawn before it is rendered. */
export interface MailChart {
  readonly cid: string;
  readonly svg: string;
}

/** Pictures that were drawn: content id → PNG in base64. */
export type DrawnCharts = ReadonlyMap<string, string>;

/** The charts of a mail, three at most. Those that are not drawn are replaced by bars of text. */
export function chartsOf(request: MailRequest): readonly MailChart[] {
  if (request.kind === 'weekly') return [];
  return plannedCharts(request).flatMap(({ notice, cid }) => {
    const data = chartData(notice);
    const svg = data === null ? null : chartSvg(data);
    return svg === null ? [] : [{ cid, svg }];
  });
}

/**
 * The mail of a request, with the pictures that were drawn for it. The same request and pictures give the same mail.
 * Throws a RangeError when there is nothing to tell.
 */
export function renderMail(request: MailRequest, drawn: DrawnCharts = new Map()): Mail {
  const document = documentOf(request);
  const attachments = chartsOf(request).flatMap(({ cid }, index) => {
    const content = drawn.get(cid);
    if (content === undefined) return [];
    return [{ cid, filename: `chart-${index + 1}.png`, contentType: 'image/png', content }];
  });
  return {
    key: request.key,
    from: request.from,
    to: request.to,
    subject: document.subject,
    text: mailText(document),
    html: mailHtml(document, new Set(attachments.map(({ cid }) => cid))),
    date: request.date,
    headers: mailHeaders(request, { domain: domainOf(request.from) }),
    ...(attachments.length === 0 ? {} : { attachments }),
  };
}

function documentOf(request: MailRequest): MailDocument {
  return request.kind === 'weekly' ? weeklyDocument(request) : noticesDocument(request);
}
