import { type Block, GOOGLE } from './google-attributes.ts';
import { entries, type Json, type TerraformFile, type Thing, texts } from './terraform.ts';

/** What Terraform itself takes in every resource. */
const META = ['count', 'for_each', 'depends_on', 'lifecycle', 'provider'];

/** Types, arguments and blocks that the google provider does not know, and those it wants and does not get. */
export function unknownNames(files: readonly TerraformFile[]): string[] {
  return files.flatMap(({ path, things }) =>
    things
      .filter(({ type }) => type.startsWith('google_'))
      .flatMap((thing) => {
        const known = GOOGLE[addressOf(thing, thing.type)];
        const where = `${path}: ${thing.type}.${thing.name}`;
        if (known === undefined) return [`${where} is of a type that google-attributes.json does not have`];
        return namesIn(withoutMeta(thing.body), known).map((sentence) => `${where}: ${sentence}`);
      }),
  );
}

function withoutMeta(body: Thing['body']): Thing['body'] {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !META.includes(name)));
}

function namesIn(body: Json, known: Block): string[] {
  const given = [...entries(body).filter(([name]) => name !== 'dynamic'), ...dynamicBlocks(body)];
  const required = [
    ...Object.entries(known.arguments).filter(([, isRequired]) => isRequired),
    ...Object.entries(known.blocks).filter(([, block]) => block.required),
  ];
  const missing = required
    .filter(([name]) => !given.some(([one]) => one === name))
    .map(([name]) => `lacks ${name}`);
  const found = given.flatMap(([name, value]) => {
    const block = known.blocks[name];
    if (block === undefined) return name in known.arguments ? [] : [`has no ${name}`];
    if (!Array.isArray(value)) return [`${name} is a block and stands with "="`];
    return value.flatMap((inner) => namesIn(inner, block).map((sentence) => `${name}: ${sentence}`));
  });
  return [...missing, ...found];
}

function dynamicBlocks(body: Json): [string, Json][] {
  const { dynamic = null } = Object.fromEntries(entries(body)) as { readonly dynamic?: Json };
  return entries(dynamic).flatMap(([name, blocks]) =>
    (blocks as readonly { readonly content: Json }[]).map(({ content }): [string, Json] => [name, content]),
  );
}

function addressOf({ kind }: Pick<Thing, 'kind'>, name: string): string {
  return kind === 'data' ? `data.${name}` : name;
}

/** What a module calls its own: what is declared, and what is mentioned, in the words of its expressions. */
export interface Names {
  readonly variables: readonly string[];
  readonly locals: readonly string[];
  readonly outputs: readonly string[];
}

/** Variables, locals and outputs of a module. */
export function namesOf(files: readonly TerraformFile[]): Names {
  const keys = (kind: string) => files.flatMap(({ blocks }) => entries(blocks[kind]).map(([name]) => name));
  const locals = files.flatMap(({ blocks }) =>
    ((blocks.locals ?? []) as readonly Json[]).flatMap((one) => entries(one).map(([name]) => name)),
  );
  return { variables: keys('variable'), locals, outputs: keys('output') };
}

/** What stands behind `prefix` in the expressions of the files: `var` gives the variables that are mentioned. */
export function mentioned(files: readonly TerraformFile[], prefix: string): Set<string> {
  const pattern = new RegExp(`(?<![\\w.])${prefix.replaceAll('.', '\\.')}\\.(\\w+)`, 'g');
  const found = files.flatMap(({ things, blocks }) =>
    [...things.map(({ body }) => body as Json), ...Object.values(blocks)].flatMap((value) =>
      texts(value).flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1]!)),
    ),
  );
  return new Set(found);
}

const REFERENCE =
  /(?<![\w./"-])(data\.)?((?:google|archive)_\w+|time_sleep)\.(\w+)(?:\[[^\]]*\])?(?:\.(\w+))?/g;

/** References to resources that are not declared, or to something that is not told of them. */
export function brokenReferences(files: readonly TerraformFile[]): string[] {
  const declared = new Set(
    files.flatMap(({ things }) => things.map((thing) => `${addressOf(thing, thing.type)}.${thing.name}`)),
  );
  return files.flatMap(({ path, things, blocks }) =>
    [...things.map(({ body }) => body as Json), ...Object.values(blocks)].flatMap((value) =>
      texts(value).flatMap((text) =>
        [...text.matchAll(REFERENCE)].flatMap(([whole, data = '', type, name, attribute]) => {
          if (!declared.has(`${data}${type}.${name}`)) return [`${path}: ${whole} is not declared`];
          const reads = GOOGLE[`${data}${type}`]?.reads;
          return attribute === undefined || reads === undefined || reads.includes(attribute)
            ? []
            : [`${path}: ${whole}: there is no ${attribute}`];
        }),
      ),
    ),
  );
}

/** Who gets what: every grant of the files, with the place it is given on. */
export function grants(files: readonly TerraformFile[]) {
  return files.flatMap(({ things }) =>
    things
      .filter(({ type }) => /_iam_(member|binding|policy)$/.test(type))
      .map(({ type, name, body }) => ({ type, name, role: String(body.role), member: String(body.member) })),
  );
}
