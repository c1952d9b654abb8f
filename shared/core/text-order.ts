/**
 * Compares by Unicode code points, which is the byte order of UTF-8: what SQLite, BigQuery and file systems
 * do. JavaScript's own `<` compares UTF-16 units and differs beyond U+FFFF.
 */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const bothSurrogate = isSurrogate(x) === isSurrogate(y);
    if (bothSurrogate) return x - y;
    return isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
