import { parseAst } from 'vitest/node';

/** A node of the syntax tree, types included: TypeScript 7 offers no parser, the test runner's does. */
export interface Syntax {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export function isSyntax(value: unknown): value is Syntax {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Parses TypeScript; a syntax error is thrown with the path in front. */
export function parse(source: string, path: string): Syntax {
  try {
    const program: unknown = parseAst(source, { lang: 'ts' }, path);
    if (isSyntax(program)) return program;
  } catch (error) {
    throw new Error(`Cannot parse ${path}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  throw new Error(`Cannot parse ${path}: the parser gave no tree`);
}

/** Every node of the tree, parents before children, in the order of the text. */
export function* nodes(root: Syntax): Generator<Syntax> {
  yield root;
  for (const child of Object.values(root)) {
    if (Array.isArray(child)) {
      for (const item of child) if (isSyntax(item)) yield* nodes(item);
    } else if (isSyntax(child)) {
      yield* nodes(child);
    }
  }
}

/** Line of an offset, from 1. */
export function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length;
}

/** The name of an identifier node, else null. */
export function nameOf(node: unknown): string | null {
  return isSyntax(node) && node.type === 'Identifier' && typeof node.name === 'string' ? node.name : null;
}

/** The value of a string literal, or of a template without holes; else null. */
export function stringOf(node: unknown): string | null {
  if (!isSyntax(node)) return null;
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type !== 'TemplateLiteral' || !Array.isArray(node.quasis) || node.quasis.length !== 1) return null;
  const value: unknown = node.quasis[0]?.value;
  return typeof value === 'object' && value !== null && 'cooked' in value && typeof value.cooked === 'string'
    ? value.cooked
    : null;
}
