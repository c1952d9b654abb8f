import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The checkout's folder. */
export const ROOT = resolve(import.meta.dirname, '../..');

const SOURCE_FOLDERS = ['shared', 'functions', 'publisher', 'watcher', 'scripts'];

/** Every file under `folder` (relative to the checkout, `/` between parts), sorted; empty if it is not there. */
export function filesUnder(folder: string): string[] {
  let entries: ReturnType<typeof list>;
  try {
    entries = list(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return entries
    .filter((entry) => !entry.name.startsWith('.') && entry.name !== 'node_modules' && entry.name !== 'dist')
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesUnder(path) : [path];
    })
    .sort();
}

function list(folder: string) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true });
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export function isTest(path: string): boolean {
  return path.startsWith('test/') || path.endsWith('.test.ts');
}

/** The TypeScript the product consists of, without its tests. */
export function sourceFiles(): string[] {
  return SOURCE_FOLDERS.flatMap(filesUnder).filter((path) => path.endsWith('.ts') && !isTest(path));
}

/** Every TypeScript file of the checkout, tests included. */
export function typescriptFiles(): string[] {
  return [...SOURCE_FOLDERS, 'test'].flatMap(filesUnder).filter((path) => path.endsWith('.ts'));
}

/** The text of several files by path, read once. */
export function readAll(paths: readonly string[]): Map<string, string> {
  return new Map(paths.map((path) => [path, readText(path)]));
}
