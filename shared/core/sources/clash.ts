import { canonicalJson } from '../json.ts';
import { type SourceConfig, sourceKind } from '../schema/source.ts';

/** A source as people find it in their config, such as `sources.1 (json results/*.json)`. */
export function sourceName(source: SourceConfig, at: number): string {
  const kind = sourceKind(source);
  const settings: { readonly path?: string; readonly connection?: string } = source[kind]!;
  const what = [kind, settings.path ?? settings.connection].filter((word) => word !== undefined);
  return `sources.${at} (${what.join(' ')})`;
}

/** A mistake in a list of sources, with the path to it from the list. */
export interface SourceClash {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Where the config alone shows that two sources give one name; what files hold is seen when a run is collected. */
export function sourceClashes(sources: readonly SourceConfig[]): SourceClash[] {
  const clashes: SourceClash[] = [];
  const first = new Map<string, string>();
  sources.forEach((source, at) => {
    const name = sourceName(source, at);
    for (const { key, path, what } of [whole(source), ...declared(source)]) {
      const before = first.get(key);
      if (before === undefined) first.set(key, name);
      else if (before !== name)
        clashes.push({ path: [at, ...path], message: `${what} is also given by ${before}` });
    }
  });
  return clashes;
}

interface Claim {
  readonly key: string;
  readonly path: readonly string[];
  readonly what: string;
}

/** The same settings twice give every name twice. */
function whole(source: SourceConfig): Claim {
  const key = `source ${canonicalJson(source)}`;
  return { key, path: [], what: 'what this source holds' };
}

/** The names that the settings themselves give: of values, and of series, which are never the same metric. */
function declared(source: SourceConfig): Claim[] {
  const { json, json_lines: lines, csv } = source;
  const { prefix = '' } = json ?? lines ?? csv ?? {};
  const claim = (kind: string, path: readonly string[]) => (name: string) => ({
    key: `${kind} ${prefix}${name}`,
    path: [sourceKind(source), ...path],
    what: JSON.stringify(prefix + name),
  });
  const pointed = (kind: string, map: Readonly<Record<string, string>> = {}) =>
    Object.keys(map).map((name) => claim(kind, ['metrics', name])(name));
  const aggregates = csv?.aggregate?.join() ?? '';
  return [
    ...pointed('value', json?.metrics),
    ...pointed('series', lines?.metrics),
    ...csvNames(csv?.columns).map(claim(`series${aggregates}`, ['columns'])),
  ];
}

function csvNames(columns: readonly string[] | Readonly<Record<string, string>> = []): readonly string[] {
  return Object.values(columns);
}
