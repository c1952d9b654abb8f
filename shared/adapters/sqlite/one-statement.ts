/**
 * Whether SQL text is exactly one statement: nothing but blanks and comments behind the first semicolon that
 * stands outside of strings, quoted names and comments. SQLite itself would drop a second one in silence.
 */
export function isOneStatement(sql: string): boolean {
  const bare = sql
    // Strings and names in quotes may hold anything; a doubled quote inside simply starts the next one.
    .replace(/'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, (part) =>
      part.startsWith('--') || part.startsWith('/*') ? ' ' : 'x',
    )
    .trim();
  const first = bare.indexOf(';');
  const statement = first === -1 ? bare : bare.slice(0, first);
  const rest = first === -1 ? '' : bare.slice(first).replace(/[;\s]/g, '');
  return statement.trim() !== '' && rest === '';
}
