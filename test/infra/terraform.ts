import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { filesUnder, readText } from '../support/repository.ts';

/** Anything that JSON can say; expressions are texts with `${…}`. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A resource or a data source. */
export interface Thing {
  readonly kind: 'resource' | 'data';
  readonly type: string;
  readonly name: string;
  readonly body: { readonly [key: string]: Json };
}

/** One file, parsed. */
export interface TerraformFile {
  readonly path: string;
  readonly things: readonly Thing[];
  /** Its other blocks, by kind: variables, outputs, locals, modules. */
  readonly blocks: { readonly [kind: string]: Json };
  readonly text: string;
}

// Its declarations would bring the types of browsers into the whole program.
const { parse } = createRequire(import.meta.url)('@cdktf/hcl2json') as {
  readonly parse: (name: string, text: string) => Promise<{ readonly [kind: string]: Json }>;
};

/** The .tf files of one folder, without those of folders in it. Throws with line and column where one has a mistake. */
export async function readTerraform(folder: string): Promise<TerraformFile[]> {
  const own = filesUnder(folder).filter(
    (path) => path === `${folder}/${basename(path)}` && path.endsWith('.tf'),
  );
  return Promise.all(own.map((path) => parseTerraform(path, readText(path))));
}

/** Parses the text of a file. */
export async function parseTerraform(path: string, text: string): Promise<TerraformFile> {
  const { resource = {}, data = {}, ...blocks } = await parse(path, text);
  const things = [...thingsOf('resource', resource), ...thingsOf('data', data)];
  return { path, things, blocks, text };
}

function thingsOf(kind: Thing['kind'], types: Json): Thing[] {
  return entries(types).flatMap(([type, named]) =>
    entries(named).map(([name, bodies]) => ({
      kind,
      type,
      name,
      body: (bodies as readonly Thing['body'][])[0]!,
    })),
  );
}

/** The members of an object, none of anything else. */
export function entries(value: Json | undefined): [string, Json][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

/** All texts in a value, however deep. */
export function texts(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  return entries(value).flatMap(([, member]) => texts(member));
}
