// Writes test/fixtures/terraform/google-attributes.json: what a resource of the google provider takes and tells, for the types that
// infra/terraform uses. The names are those of provider 6.50.0, from the declarations of an npm package:
//   npm pack @cdktf/provider-google@16.12.1 && tar xzf cdktf-provider-google-16.12.1.tgz
//   node test/infra/make-google-attributes.ts package
// The package is no dependency, being 32 MB that only a new resource type needs.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Block } from './google-attributes.ts';
import { readTerraform } from './terraform.ts';

const OUT = join(import.meta.dirname, '../fixtures/terraform/google-attributes.json');

function declarations(folder: string): string {
  return readFileSync(join(folder, 'index.d.ts'), 'utf8');
}

/** The members of an interface, `timeouts` left out; the links of the comments have the names of Terraform. */
function blockOf(source: string, name: string): Block {
  const body = new RegExp(`^export interface ${name} [^{]*\\{\\n([\\s\\S]*?)^\\}`, 'm').exec(source)?.[1];
  if (body === undefined) throw new Error(`There is no interface ${name}`);
  const block: Block = { arguments: {}, blocks: {} };
  for (const [, link, optional, type] of body.matchAll(
    /#(\w+) [\s\S]*?\*\/\n\s+readonly \w+(\??): (.*)$/gm,
  )) {
    const inner = /^([A-Z]\w+)(\[\])?( \||;)/.exec(type!)?.[1];
    if (link === 'timeouts') continue;
    if (inner === undefined) block.arguments[link!] = optional === '';
    else block.blocks[link!] = { required: optional === '', ...blockOf(source, inner) };
  }
  return block;
}

/** What may be read of a resource: the getters of its class. */
function readsOf(source: string): string[] {
  const own = source.slice(
    source.search(/^export declare class \w+ extends cdktf\.Terraform(Resource|DataSource)/m),
  );
  const names = [...own.matchAll(/^ {4}get (\w+)\(\)/gm)].map((match) => match[1]!);
  const getters = names.filter((name) => !/Input$|^(timeouts|fqn)$/.test(name));
  return getters.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)).sort();
}

function describe(library: string, { kind, type }: { readonly kind: string; readonly type: string }) {
  const prefix = kind === 'data' ? 'data-' : '';
  const folder = readdirSync(library).find(
    (name) =>
      name.startsWith('data-') === (kind === 'data') &&
      name.startsWith(prefix) &&
      existsSync(join(library, name, 'index.d.ts')) &&
      declarations(join(library, name)).includes(`tfResourceType = "${type}"`),
  );
  if (folder === undefined) throw new Error(`The package knows no ${kind} ${type}`);
  const source = declarations(join(library, folder));
  const name = /^export interface (\w+Config) extends cdktf\.TerraformMetaArguments/m.exec(source)![1]!;
  return { ...blockOf(source, name), reads: readsOf(source) };
}

const library = join(process.argv[2] ?? 'package', 'lib');
const files = await readTerraform('infra/terraform');
const used = new Set(
  files.flatMap(({ things }) => things.map(({ kind, type }) => `${kind === 'data' ? 'data.' : ''}${type}`)),
);
const google = [...used].filter((name) => name.replace('data.', '').startsWith('google_')).sort();
const resources = Object.fromEntries(
  google.map((name) => [
    name,
    describe(library, {
      kind: name.startsWith('data.') ? 'data' : 'resource',
      type: name.replace('data.', ''),
    }),
  ]),
);
const source = '@cdktf/provider-google 16.12.1 (MPL-2.0): names of provider hashicorp/google 6.50.0';
writeFileSync(OUT, `${JSON.stringify({ source, resources }, null, 1)}\n`);
console.log(`${google.length} types`);
