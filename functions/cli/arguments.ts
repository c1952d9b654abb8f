/**
 * Some flags are two things, and the parser knows the second one by a name of its own. `--mail` is with a URL the
 * setting that every command takes, and alone, behind `backfill`, the wish to send the mails of the past. `--version`
 * is behind `verdict` the version that is asked about, and `--explain` there takes the id of a kept verdict.
 */
export function namedArguments(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  const own = end === -1 ? argv : argv.slice(0, end);
  const rest = end === -1 ? [] : argv.slice(end);
  const begin = own.indexOf('verdict') + 1;
  if (begin > 0) return [...own.slice(0, begin), ...own.slice(begin).map(ofVerdict), ...rest];
  if (!own.includes('backfill')) return [...argv];
  return [
    ...own.map((word, index) => (word === '--mail' && !isUrl(own[index + 1]) ? '--send-mail' : word)),
    ...rest,
  ];
}

function ofVerdict(word: string, index: number, words: readonly string[]): string {
  if (word === '--version' || word.startsWith('--version=')) return word.replace('--version', '--of-version');
  // A test may be named so, too; then it is the only word that is no flag.
  const isId = /^[0-9a-f]{8,64}$/.test(words[index + 1] ?? '') && words.length > 2;
  return word === '--explain' && isId ? '--explain-id' : word;
}

function isUrl(word: string | undefined): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(word ?? '') && !/^[a-z]:[\\/]/i.test(word ?? '');
}
