import { posix } from 'node:path';
import { isSyntax, lineAt, nameOf, nodes, parse, type Syntax, stringOf } from './syntax.ts';

/** One mention of another module. `specifier` is null where it is computed while the program runs. */
export interface Import {
  readonly specifier: string | null;
  readonly line: number;
  /** Erased before the program runs. */
  readonly typeOnly: boolean;
}

/**
 * Every module a source text names: `import`, `export … from`, `import()`, `import('…')` in a type, and
 * `new URL('./…', import.meta.url)`, which is how workers and files are named.
 */
export function readImports(source: string, path: string): Import[] {
  const found: Import[] = [];
  for (const node of nodes(parse(source, path))) {
    const named = namedModule(node);
    if (named !== undefined) {
      found.push({
        specifier: stringOf(named),
        line: lineAt(source, node.start),
        typeOnly: isTypeOnly(node),
      });
    }
  }
  return found;
}

/** The node that names a module, undefined where none is named. */
function namedModule(node: Syntax): unknown {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return node.source;
    case 'ExportNamedDeclaration':
      return node.source ?? undefined;
    case 'NewExpression':
      return urlBesideThisModule(node);
    default:
      return undefined;
  }
}

function urlBesideThisModule(node: Syntax): unknown {
  if (nameOf(node.callee) !== 'URL' || !Array.isArray(node.arguments)) return undefined;
  const [target, base] = node.arguments;
  const beside = isSyntax(base) && base.type === 'MemberExpression' && nameOf(base.property) === 'url';
  return beside && stringOf(target)?.endsWith('.ts') ? target : undefined;
}

function isTypeOnly(node: Syntax): boolean {
  if (node.type === 'TSImportType' || node.importKind === 'type' || node.exportKind === 'type') return true;
  const parts = Array.isArray(node.specifiers) ? node.specifiers.filter(isSyntax) : [];
  return parts.length > 0 && parts.every((part) => part.importKind === 'type' || part.exportKind === 'type');
}

/** Which file of the checkout a relative specifier means; null for packages and `node:`. */
export function targetOf(specifier: string, from: string): string | null {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : null;
}

/** `@scope/name/part` → `@scope/name`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

export type Graph = ReadonlyMap<string, readonly string[]>;

/** Path → the files of the checkout it names. */
export function importGraph(files: ReadonlyMap<string, string>): Graph {
  return new Map(
    [...files].map(([path, source]) => [
      path,
      readImports(source, path).flatMap(({ specifier }) => {
        const target = specifier === null ? null : targetOf(specifier, path);
        return target === null ? [] : [target];
      }),
    ]),
  );
}

/** Everything reached from the entries, themselves included. */
export function reachable(graph: Graph, entries: readonly string[]): Set<string> {
  const seen = new Set(entries);
  for (const path of seen) for (const target of graph.get(path) ?? []) seen.add(target);
  return seen;
}

/** One circle per strand of the graph that has any, each as the files in order with the first repeated. */
export function circles(graph: Graph): string[][] {
  const done = new Set<string>();
  const found: string[][] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path]);
    if (start >= 0 || done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}
