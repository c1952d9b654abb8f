/**
 * `--mail` is two things: with a URL the setting that every command takes, and alone, behind `backfill`, the
 * wish to send the mails of the past. The parser knows the second one by a name of its own.
 */
export function namedArguments(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  const own = end === -1 ? argv : argv.slice(0, end);
  const rest = end === -1 ? [] : argv.slice(end);
  if (!own.includes('backfill')) return [...argv];
  return [
    ...own.map((word, index) => (word === '--mail' && !isUrl(own[index + 1]) ? '--send-mail' : word)),
    ...rest,
  ];
}

function isUrl(word: string | undefined): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(word ?? '') && !/^[a-z]:[\\/]/i.test(word ?? '');
}
