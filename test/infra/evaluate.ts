import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/repository.ts';
import { GOOGLE } from './google-attributes.ts';
import { entries, type Json, type TerraformFile, type Thing } from './terraform.ts';
import { initialized } from './terraform-command.ts';

// Without network there is no google provider, and so no plan. What Terraform can do alone is to evaluate: every
// resource becomes a `terraform_data`, which takes any value, with its arguments as input; references are rewritten.

/** What a resource came to: its arguments, by its key where it has `for_each`, null for a single one. */
export interface Evaluated {
  readonly type: string;
  readonly name: string;
  readonly key: string | number | null;
  readonly values: { readonly [argument: string]: Json };
}

type Values = { readonly [key: string]: Json };

/** Applies the files with these variables. Throws what Terraform says against an expression in them. */
export function evaluate(files: readonly TerraformFile[], given: Values): readonly Evaluated[] {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'tidemark-evaluated-')));
  const folder = join(top, 'infra/terraform');
  try {
    mkdirSync(folder, { recursive: true });
    cpSync(join(ROOT, 'infra/terraform/settings'), join(folder, 'settings'), { recursive: true });
    symlinkSync(join(ROOT, 'infra/playbooks'), join(top, 'infra/playbooks'));
    symlinkSync(join(ROOT, 'schemas'), join(top, 'schemas'));
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(rewritten(files), null, 1));
    writeFileSync(join(folder, 'terraform.tfvars.json'), JSON.stringify(given));
    const apply = ['apply', '-auto-approve', '-input=false', '-no-color'];
    return resourcesOf(JSON.parse(initialized(folder, apply, ['show', '-json'])) as State);
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

interface State {
  readonly values: {
    readonly root_module: {
      readonly resources: readonly {
        readonly name: string;
        readonly index?: string | number;
        readonly values: { readonly input: Values };
      }[];
    };
  };
}

function resourcesOf({ values }: State): Evaluated[] {
  return values.root_module.resources.map(({ name, index, values: { input } }) => {
    const [type = '', own = ''] = name.split('-');
    return { type, name: own, key: index ?? null, values: input };
  });
}

const label = ({ type, name }: Pick<Thing, 'type' | 'name'>) => `${type}-${name}`;

function rewritten(files: readonly TerraformFile[]): object {
  const blocks: Record<string, Json> = {};
  for (const file of files) {
    for (const [kind, value] of Object.entries(file.blocks)) {
      if (kind === 'terraform' || kind === 'provider') continue;
      blocks[kind] = Array.isArray(value)
        ? [...((blocks[kind] ?? []) as Json[]), ...value]
        : { ...(blocks[kind] as object), ...(value as object) };
    }
  }
  const declared = (entries(blocks.variable) as [string, readonly Values[]][]).map(([name, [one]]) => {
    // A type is no expression.
    return [name, [{ ...one, type: hcl(one!.type!) }]];
  });
  const things = files.flatMap((file) => file.things);
  const resources = things.map((thing) => [label(thing), standIn(thing)]);
  return {
    ...(referring(blocks) as object),
    variable: Object.fromEntries(declared),
    resource: { terraform_data: Object.fromEntries(resources) },
  };
}

const ARCHIVE = ['output_path', 'output_sha256'];
/** What resources tell of themselves, as far as others ask for it. */
const TOLD = ['id', 'name', 'email', 'member', 'number', ...ARCHIVE];

function standIn({ kind, type, name, body }: Thing): object {
  const { for_each, count, depends_on: _, lifecycle: __, provider: ___, ...own } = body;
  const known = GOOGLE[kind === 'data' ? `data.${type}` : type]?.reads ?? ARCHIVE;
  // What Google would tell, and it would be another text.
  const told = TOLD.filter((read) => known.includes(read) && !(read in own));
  const computed = told.map((read): [string, Json] => [read, `(${type}.${name}.${read})`]);
  const input = { ...Object.fromEntries(computed), ...(expanded(own) as Values) };
  if (type === 'google_cloudfunctions2_function') {
    const [service] = input.service_config as [Values];
    input.service_config = [{ ...service, uri: 'https://tick.example' }];
  }
  const repeated = for_each === undefined ? {} : { for_each: referring(for_each) };
  return {
    ...repeated,
    ...(count === undefined ? {} : { count: referring(count) }),
    input: referring(input),
  };
}

/** Dynamic blocks as the lists that they come to. */
function expanded(body: Json): Json {
  if (Array.isArray(body)) return body.map(expanded);
  if (typeof body !== 'object' || body === null) return body;
  const { dynamic, ...own } = body as Values;
  const lists = entries(dynamic).map(([name, blocks]): [string, Json] => {
    const [block] = blocks as readonly Values[];
    const each = `{ for k, v in ${hcl(block!.for_each!)} : tostring(k) => { key = k, value = v } }`;
    return [name, `\${[for ${name} in values(${each}) : ${hcl(expanded((block!.content as Json[])[0]!))}]}`];
  });
  const plain = Object.entries(own).map(([name, value]): [string, Json] => [name, expanded(value)]);
  return Object.fromEntries([...plain, ...lists]);
}

/** A value as an expression. */
function hcl(value: Json): string {
  if (typeof value === 'string') return /^\$\{([\s\S]*)\}$/.exec(value)?.[1] ?? JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(hcl).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${entries(value)
    .map(([name, member]) => `${JSON.stringify(name)} = ${hcl(member)}`)
    .join(', ')} }`;
}

const REFERENCE =
  /(?<![\w./"(-])(?:data\.)?((?:google|archive)_\w+|time_sleep)\.(\w+)((?:\[(?:"[^"]*"|[^\]]*)\])?)(?=(\.\w+)?)/g;

/** References to resources as references to what stands for them. */
function referring(value: Json): Json {
  if (Array.isArray(value)) return value.map(referring);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(entries(value).map(([name, member]) => [name, referring(member)]));
  }
  if (typeof value !== 'string' || !value.includes('${')) return value;
  return value.replace(REFERENCE, (_, type: string, name: string, index: string, attribute?: string) => {
    const address = `terraform_data.${label({ type, name })}${index}`;
    return attribute === undefined ? address : `${address}.output`;
  });
}
