import type { Notice } from '../../core/episodes/notice.ts';
import type { MailRequest } from '../../core/mail-request.ts';
import { splitReason } from '../../core/reason.ts';
import { worstFirst, worstOf } from './order.ts';
import { shown, subjectName, subjectsCounted } from './words.ts';

/** So many episodes are named in a header; nobody filters by more. */
const MOST_IDS = 10;

/**
 * Headers beside the usual ones. Every mail of a thread answers the same root, which never was a mail: so it stays one
 * thread for those who joined late, and where a server gives mails ids of its own. The `X-Tidemark-` ones are for filters.
 */
export function mailHeaders(
  request: MailRequest,
  { domain }: { readonly domain: string },
): Readonly<Record<string, string>> {
  const { threadId } = request;
  const root = threadId === null ? null : rootOf(threadId, domain);
  const ended = request.kind === 'weekly' ? [] : (request.alsoEnds ?? []);
  // The own root last: that is the one that programs take for what is answered.
  const references = [...ended.map((id) => rootOf(id, domain)), root].join(' ');
  return {
    ...(root === null ? {} : { 'In-Reply-To': root, References: references }),
    'Auto-Submitted': 'auto-generated',
    // Not `All`: that would also ask Exchange to suppress the report that a mail could not be delivered.
    'X-Auto-Response-Suppress': 'OOF, AutoReply, RN, NRN',
    'List-Id': `Tidemark alerts <tidemark.${domain}>`,
    ...(request.kind === 'weekly' ? { 'X-Tidemark-Reason': 'weekly' } : filterHeaders(request.notices)),
  };
}

function rootOf(threadId: string, domain: string): string {
  return `<${threadId.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 100)}@${domain}>`;
}

function filterHeaders(notices: readonly Notice[]): Record<string, string> {
  const sorted = worstFirst(notices);
  const first = sorted[0];
  if (first === undefined) return {};
  const { episode } = first;
  const ids = [...new Set(sorted.map(({ episode: { episodeId } }) => episodeId))];
  const subjects = new Set(sorted.map(({ episode: { testName } }) => testName));
  const all = sorted.map((notice) => notice.episode);
  return {
    'X-Tidemark-Episode': shown(ids.slice(0, MOST_IDS).join(' '), 400),
    'X-Tidemark-State': first.kind,
    'X-Tidemark-Severity': worstOf(notices),
    'X-Tidemark-Test': subjects.size === 1 ? subjectName(episode) : subjectsCounted(all),
    'X-Tidemark-Reason': shown(splitReason(episode.reason).word, 60),
  };
}
