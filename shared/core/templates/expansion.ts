/**
 * A text that Kubernetes leaves as it is: in `env`, `command` and `args` it replaces `$(NAME)` and turns `$$`
 * into `$`, so every `$` is doubled.
 */
export function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}

/** The names that a text has replaced: those of `$(NAME)`, but not of `$$(NAME)`. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(/\$(?:\$|\(([^)]*)\))/g)].flatMap(([, name]) =>
    name === undefined ? [] : [name],
  );
}
