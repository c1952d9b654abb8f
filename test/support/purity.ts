import { isSyntax, lineAt, nameOf, nodes, parse, type Syntax } from './syntax.ts';

/** Where text reaches for the clock, chance or the process instead of taking them as arguments. */
export interface Impurity {
  readonly what: string;
  readonly line: number;
}

const MEMBERS = new Set(['Date.now', 'Math.random', 'Temporal.Now']);
const OBJECTS = new Set(['process', 'performance', 'crypto', 'globalThis']);

/** Every use of the clock, chance or the process; words in strings and comments are none. */
export function impurities(source: string, path: string): Impurity[] {
  const found: Impurity[] = [];
  for (const node of nodes(parse(source, path))) {
    const what = impurity(node);
    if (what !== null) found.push({ what, line: lineAt(source, node.start) });
  }
  return found;
}

function impurity(node: Syntax): string | null {
  const isDate = nameOf(node.callee) === 'Date';
  if (node.type === 'CallExpression' && isDate) return 'Date()';
  if (
    node.type === 'NewExpression' &&
    isDate &&
    Array.isArray(node.arguments) &&
    node.arguments.length === 0
  ) {
    return 'new Date()';
  }
  const object = node.type === 'MemberExpression' ? nameOf(node.object) : null;
  if (object === null) return null;
  if (OBJECTS.has(object)) return `${object}.`;
  const property =
    node.computed === true && isSyntax(node.property) ? node.property.value : nameOf(node.property);
  return MEMBERS.has(`${object}.${property}`) ? `${object}.${property}` : null;
}

/** Exported functions, classes, interfaces and types without a doc comment directly above. */
export function undocumentedExports(source: string, path: string): string[] {
  const missing: string[] = [];
  for (const node of nodes(parse(source, path))) {
    const name = node.type === 'ExportNamedDeclaration' ? contractName(node.declaration) : null;
    const above = source.slice(0, node.start).trimEnd();
    const comment = above.endsWith('*/') ? above.slice(above.lastIndexOf('/*')) : '';
    if (name !== null && !comment.startsWith('/**')) missing.push(name);
  }
  return missing;
}

/** The name of a declaration that others implement or call; plain constants speak for themselves. */
function contractName(declaration: unknown): string | null {
  if (!isSyntax(declaration)) return null;
  if (declaration.type !== 'VariableDeclaration') return nameOf(declaration.id);
  const [variable] = Array.isArray(declaration.declarations) ? declaration.declarations : [];
  const isFunction = isSyntax(variable) && isSyntax(variable.init) && /Function/.test(variable.init.type);
  return isFunction ? nameOf(variable.id) : null;
}
