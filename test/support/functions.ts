import { lineAt, nameOf, nodes, parse } from './syntax.ts';

export interface FunctionSize {
  /** `path:line name`, as a person would look for it. */
  readonly where: string;
  readonly lines: number;
  readonly parameters: number;
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** Every function and method of a source text, nested ones too. A declared `this` is no parameter. */
export function functionSizes(source: string, path: string): FunctionSize[] {
  return [...nodes(parse(source, path))]
    .filter(({ type }) => FUNCTIONS.has(type))
    .map((node) => {
      const parameters = Array.isArray(node.params) ? node.params : [];
      return {
        where: `${path}:${lineAt(source, node.start)} ${nameOf(node.id) ?? ''}`.trimEnd(),
        lines: lineAt(source, node.end) - lineAt(source, node.start) + 1,
        parameters: parameters.filter((parameter) => nameOf(parameter) !== 'this').length,
      };
    });
}
