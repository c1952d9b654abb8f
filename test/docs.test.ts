import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkFence, isKnown, isLive } from './support/fences.ts';
import {
  anchors,
  type Fence,
  type Mention,
  namedFiles,
  readPage,
  relativeLinks,
} from './support/markdown.ts';
import { filesUnder, ROOT, readText } from './support/repository.ts';
import { makeStage, type Stage } from './support/stage.ts';

const REQUIRED = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'schemas/README.md'];
const FOLDERS = ['docs', 'examples', 'schemas'];

const found = FOLDERS.flatMap(filesUnder).filter((path) => path.endsWith('.md'));
const pages = [...new Set([...REQUIRED, 'CHANGELOG.md', ...found])].filter(inRepository);

let stage: Stage;

function inRepository(path: string): boolean {
  return existsSync(join(ROOT, path));
}

/** Guides speak to servers: `test/cloud/guides.cloud.test.ts` runs their commands. */
function needsServers(page: string, { language }: Fence): boolean {
  return page.startsWith('docs/guides/') && ['sh', 'console'].includes(language);
}

/** One page, one stage: as for a reader, what a fence leaves behind is there for the next. */
function onFreshStage(): void {
  beforeAll(() => {
    stage = makeStage();
  });
  afterAll(() => stage.remove());
}

/** The mentions that lead nowhere, seen from the page or, where `fromTop`, from the top of the checkout. */
function broken(page: string, mentions: readonly Mention[], fromTop: boolean): string[] {
  const leads = ({ target }: Mention) => {
    const [path = '', anchor] = decodeURI(target).split('#');
    const beside = path === '' ? page : posix.join(posix.dirname(page), path);
    const real = [beside, ...(fromTop ? [path] : [])].find(inRepository);
    if (real === undefined || anchor === undefined || !real.endsWith('.md')) return real !== undefined;
    return anchors(readPage(readText(real)).prose).includes(anchor);
  };
  return mentions
    .filter((mention) => !leads(mention))
    .map(({ target, line }) => `${page}:${line} → ${target}`);
}

test.each(REQUIRED)('%s is there', (page) => {
  expect(inRepository(page)).toBe(true);
});

describe.each(pages)('%s', (page) => {
  const { fences, prose } = readPage(readText(page));
  onFreshStage();

  test('points only at what is there', () => {
    const nowhere = [...broken(page, relativeLinks(prose), false), ...broken(page, namedFiles(prose), true)];
    expect(nowhere).toEqual([]);
  });

  test('names the language of every fence, by the name that gets it run', () => {
    const strange = fences.filter((fence) => !isKnown(fence));
    expect(strange.map(({ line, language }) => `${page}:${line} "${language}"`)).toEqual([]);
  });

  for (const fence of fences.filter((one) => isLive(one) && !needsServers(page, one))) {
    test(`${fence.language} of line ${fence.line}`, async () => {
      expect((await checkFence(fence, stage)).join('\n')).toBe('');
    });
  }
});

describe('tidemark --help', () => {
  let names: string[] = [];
  onFreshStage();
  beforeAll(async () => {
    const { stdout } = await stage.tidemark('--help');
    const list = stdout.split(/^Commands:$/m)[1] ?? '';
    names = [...list.matchAll(/^ {2}([a-z][\w-]*)/gm)].map((match) => match[1]!);
    names = names.filter((name) => name !== 'help');
  });

  test('lists only commands that README.md or docs/ mention', () => {
    expect(names).toContain('backfill');
    const texts = pages.filter((page) => page === 'README.md' || page.startsWith('docs/')).map(readText);
    const mentioned = (name: string) => texts.some((text) => new RegExp(`tidemark ${name}\\b`).test(text));
    expect(names.filter((name) => !mentioned(name))).toEqual([]);
  });

  test('leads to a help with an example for each command', async () => {
    expect(names).toContain('backfill');
    const bare: string[] = [];
    for (const name of names) {
      const help = await stage.tidemark(name, '--help');
      if (help.code !== 0 || !/^Examples?:.*\btidemark /ms.test(help.stdout)) bare.push(name);
    }
    expect(bare, 'commands whose help has no example').toEqual([]);
  });
});
