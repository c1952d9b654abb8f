/** Strings in any quotes, raw or not, names in backticks, and comments: nothing in them ends a statement. */
const QUOTED =
  /("""|''')(?:\\[\s\S]|(?!\1)[\s\S])*\1|(["'])(?:\\[\s\S]|(?!\2)[^\n])*\2|`(?:\\[\s\S]|[^`])*`|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\//g;

/**
 * Whether GoogleSQL is one statement: nothing but blanks and comments behind the first semicolon. What a person
 * typed is not even tried otherwise, since not everything that offers a dry run leaves a script alone.
 */
export function isOneStatement(sql: string): boolean {
  const bare = sql.replace(QUOTED, (part) => (/^(--|#|\/\*)/.test(part) ? ' ' : 'x')).trim();
  const end = bare.indexOf(';');
  const rest = end === -1 ? '' : bare.slice(end).replace(/[;\s]/g, '');
  return bare !== '' && end !== 0 && rest === '';
}
