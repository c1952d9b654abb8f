import { posix } from 'node:path';
import { type Import, packageOf, readImports, targetOf } from './imports.ts';

/** One row of the import table. */
export interface Layer {
  /** Folder; one that ends in `/*` is a layer per folder in it, none of which may see another. */
  readonly folder: string;
  /** Other folders it may import from. */
  readonly from: readonly string[];
  /** Of `from`, those it may take types from, but no code. */
  readonly typesFrom?: readonly string[];
  /** Whether `node:` modules may be used. */
  readonly node?: boolean;
  /** Packages by name, a whole scope as `@scope/*`, or all that package.json lists. */
  readonly packages?: readonly string[] | 'listed';
}

/** What a check needs to know besides the table. */
export interface Surroundings {
  /** Package names in package.json. */
  readonly listed: ReadonlySet<string>;
  /** The packages of single folders of a `/*` layer, by folder name. */
  readonly sdks: Readonly<Record<string, readonly string[]>>;
  /** Whether a path exists in the checkout. */
  exists(path: string): boolean;
}

interface Place {
  readonly layer: Layer;
  /** The folder whose files may import each other. */
  readonly home: string;
}

/** Which row a file falls under, null if none. */
export function placeOf(table: readonly Layer[], path: string): Place | null {
  for (const layer of table) {
    const each = layer.folder.endsWith('/*');
    const base = each ? layer.folder.slice(0, -2) : layer.folder;
    if (!path.startsWith(`${base}/`)) continue;
    if (!each) return { layer, home: base };
    const [name, ...inside] = path.slice(base.length + 1).split('/');
    return name !== undefined && inside.length > 0 ? { layer, home: `${base}/${name}` } : null;
  }
  return null;
}

/** What a source text imports against the table, one sentence each; empty when all is well. */
export function violations(
  table: readonly Layer[],
  file: { readonly path: string; readonly source: string },
  around: Surroundings,
): string[] {
  const place = placeOf(table, file.path);
  if (place === null) return [`${file.path} is in no layer: put it into a folder of the import table`];
  return readImports(file.source, file.path).flatMap((one) => {
    const problem = refusal(place, { ...one, path: file.path }, around);
    return problem === null ? [] : [`${file.path}:${one.line} imports ${one.specifier ?? '…'}: ${problem}`];
  });
}

function refusal(place: Place, one: Import & { path: string }, around: Surroundings): string | null {
  if (one.specifier === null) return 'the name is computed, so neither a reader nor the bundle can follow it';
  const target = targetOf(one.specifier, one.path);
  if (target !== null)
    return around.exists(target) ? fileRefusal(place, one, target) : 'there is no such file';
  if (one.specifier.startsWith('node:'))
    return place.layer.node ? null : `${place.home} is free of node: modules`;
  return packageRefusal(place, packageOf(one.specifier), around);
}

function fileRefusal(place: Place, one: Import, target: string): string | null {
  const { from, folder, typesFrom = [] } = place.layer;
  const inside = (base: string) => target === base || target.startsWith(`${base}/`);
  if (target.endsWith('.test.ts') || inside('test')) return 'the product does not import its tests';
  if (inside(place.home) || from.some(inside)) return null;
  if (typesFrom.some(inside)) return one.typeOnly ? null : `${folder} may take only types from there`;
  return `${folder} may import only ${[...from, ...typesFrom].join(', ') || 'itself'}`;
}

function packageRefusal(place: Place, name: string, around: Surroundings): string | null {
  if (!around.listed.has(name)) return `package.json does not list ${name}`;
  const { packages = [], folder } = place.layer;
  if (packages === 'listed') return null;
  const own = folder.endsWith('/*') ? (around.sdks[posix.basename(place.home)] ?? []) : [];
  const allowed = [...packages, ...own];
  const fits = allowed.some(
    (one) => one === name || (one.endsWith('/*') && name.startsWith(one.slice(0, -1))),
  );
  return fits ? null : `${place.home} may use only ${allowed.join(', ') || 'no package'}`;
}
