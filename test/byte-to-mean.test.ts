import { describe, expect, test } from 'vitest';
import { importGraph } from './support/imports.ts';
import { readAll, readText, sourceFiles } from './support/repository.ts';

const FOLDER = 'shared/tfevents';
const FEWER_THAN = 10;
const SHORTER_THAN = 200;

const sources = readAll(sourceFiles().filter((path) => path.startsWith(`${FOLDER}/`)));

/** The files that docs/reading.md has a newcomer read, in that order. */
const way = wayIn(readText('docs/reading.md'));

function wayIn(page: string): string[] {
  const [, section = ''] = page.split('\n## From a byte to a mean\n');
  return [...section.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, name]) => `${FOLDER}/${name}`);
}

const linesOf = (path: string) => sources.get(path)!.split('\n').length - 1;

describe('the way from a byte to a mean', () => {
  test('goes from the files of a run to their aggregates, through few files', () => {
    expect([way.at(0), way.at(-1)]).toEqual([`${FOLDER}/read.ts`, `${FOLDER}/summary.ts`]);
    expect(way.length).toBeLessThan(FEWER_THAN);
    expect(new Set(way).size).toBe(way.length);
  });

  test('names files that there are, each of which knows one before it', () => {
    const graph = importGraph(sources);
    const knows = (one: string, other: string) => graph.get(one)?.includes(other) ?? false;
    expect(way.filter((path) => !sources.has(path))).toEqual([]);
    const alone = way.filter((path, at) => {
      const before = way.slice(0, at);
      return at > 0 && !before.some((other) => knows(path, other) || knows(other, path));
    });
    expect(alone).toEqual([]);
  });

  test('is short, and so is every file beside it', () => {
    expect(sources.size).toBeGreaterThan(30);
    expect([...sources.keys()].filter((path) => linesOf(path) >= SHORTER_THAN)).toEqual([]);
  });
});
