import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { browserHtml } from '../../shared/core/browser-html.ts';
import { NO_THREADS } from '../../shared/core/delivery/known-threads.ts';
import { planDeliveries } from '../../shared/core/delivery/plan.ts';
import { MAIL_CHANNEL } from '../../shared/core/delivery/policy.ts';
import { silencesOf } from '../../shared/core/delivery/silences.ts';
import { digestOf } from '../../shared/core/digest.ts';
import type { Notice } from '../../shared/core/episodes/notice.ts';
import type { Mail } from '../../shared/core/mail.ts';
import type { MailRequest } from '../../shared/core/mail-request.ts';
import { illustratedMail } from '../../shared/pipeline/pictures.ts';
import { withClusters } from '../../shared/pipeline/with-clusters.ts';
import type { History } from '../../shared/ports/history.ts';
import { openCharts } from '../adapters.ts';
import type { GlobalFlags, Setup } from '../config.ts';
import { UsageError } from '../errors.ts';
import { withHistory } from '../ports.ts';
import { oneLine, type Terminal, terminalLog } from './io.ts';
import { requireTest } from './known-test.ts';
import { begin } from './open-ports.ts';
import { shownNotices } from './preview-notice.ts';

export interface MailPreviewFlags {
  readonly episode?: string;
  readonly out?: string;
}

const DEFAULT_FOLDER = 'mail-preview';

/**
 * Writes the mail of a test's newest episode, or of the one that is named, as `.html`, `.txt` and its charts as `.png`.
 * Of a test that has none yet it makes one up, and says so in the mail. Nothing is sent and nothing recorded.
 */
export async function mailCommand(
  [what, testName]: readonly [string, string],
  flags: MailPreviewFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  if (what !== 'preview') throw new UsageError(`Cannot do "mail ${what}"; there is "mail preview TEST"`);
  const { setup, clock } = await begin(flags, terminal);
  const { notice, requests } = await withHistory(setup, terminal.env, async (history) => {
    await requireTest(testName, history, setup);
    const shown = await shownNotices(testName, history, {
      wanted: flags.episode,
      command: setup.command,
    });
    const waiting = await withClusters(
      shown.map((notice) => ({ notice, suppressed: false })),
      history,
    );
    const told = waiting.map(({ notice }) => notice) as [Notice, ...Notice[]];
    return { notice: told[0], requests: await requestFor(told, history, { setup, now: clock.now() }) };
  });
  const log = terminalLog(terminal);
  const mail = await illustratedMail(requests.request, { charts: openCharts(), log });
  const folder = flags.out ?? DEFAULT_FOLDER;
  const paths = await write(mail, { folder, name: nameOf(notice) });
  terminal.err(`${oneLine(`Subject: ${mail.subject}`)}\n${oneLine(requests.fate)}\n`);
  terminal.out(paths.map((path) => `${path}\n`).join(''));
  return 0;
}

interface Around {
  readonly setup: Setup;
  readonly now: number;
}

/** The mail as the policy would send it now, and in a sentence to whom, or why to nobody. */
async function requestFor(
  notices: readonly [Notice, ...Notice[]],
  history: History,
  { setup, now }: Around,
): Promise<{ request: MailRequest; fate: string }> {
  const [first] = notices;
  const plan = planDeliveries({
    notices: notices.map((notice) => ({ notice, suppressed: false, held: null })),
    episodes: [],
    silences: silencesOf(await history.actions({ kinds: ['silence', 'unsilence'] })),
    told: () => ({ state: 'delivered' }),
    toldTo: () => [],
    threads: NO_THREADS,
    causes: new Map(),
    policy: setup.policy,
    tests: setup.tests,
    configFile: setup.configFile,
    now,
  });
  const drafts = plan.drafts.filter(({ channel }) => channel === MAIL_CHANNEL);
  const draft = drafts.find(({ suppressedBy }) => suppressedBy === null) ?? drafts[0];
  const why = draft?.why ?? `nobody is named in ${setup.configFile}, so this mail goes to nobody`;
  const request: MailRequest = {
    kind: 'test',
    ...{ notices, stillOpen: [], cause: null },
    ...{ from: setup.from, to: draft === undefined ? [setup.from] : [draft.address] },
    ...{ key: digestOf('preview', first.id), date: first.at, threadId: first.episode.threadId },
    ...{ subject: null, why, silences: [], configFile: setup.configFile, command: setup.command },
  };
  return { request, fate: fateOf(draft, drafts) };
}

type Drafts = ReturnType<typeof planDeliveries>['drafts'];

function fateOf(draft: Drafts[number] | undefined, drafts: Drafts): string {
  if (draft === undefined) return 'It would go to nobody: no owner, route or fallback names an address.';
  if (draft.suppressedBy === 'info')
    return `It would go to ${draft.address} with the next digest or weekly summary only, because it is no bad news.`;
  if (draft.suppressedBy !== null) return `It would not be sent: ${draft.suppressedBy}.`;
  const wait =
    draft.notBefore === null
      ? ''
      : `, not before ${new Date(draft.notBefore).toISOString()}, when quiet hours end`;
  const all = drafts.filter(({ suppressedBy }) => suppressedBy === null).map(({ address }) => address);
  return `It would go to ${all.join(', ')}${wait}, because ${draft.why}.`;
}

/** Readable, and cannot leave the folder. */
function nameOf({ episode, kind }: Notice): string {
  const words = `${episode.testName}-${episode.signal.replace('metric:', '')}`
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-|-$/g, '');
  return [words, kind.replaceAll('_', '-'), episode.episodeId.slice(0, 10).replace(/[^A-Za-z0-9]/g, '')]
    .filter((part) => part !== '')
    .join('-');
}

async function write(
  mail: Mail,
  { folder, name }: { readonly folder: string; readonly name: string },
): Promise<string[]> {
  const pictures = (mail.attachments ?? []).map(({ filename, content }) => ({
    path: join(folder, `${name}-${filename}`),
    data: Buffer.from(content, 'base64'),
  }));
  const files = [
    { path: join(folder, `${name}.html`), data: browserHtml(mail) },
    { path: join(folder, `${name}.txt`), data: mail.text },
    ...pictures,
  ];
  await mkdir(folder, { recursive: true });
  for (const { path, data } of files) await writeFile(path, data);
  return files.map(({ path }) => path);
}
