/** What a placeholder in a source's settings can stand for. */
export interface TemplateFacts {
  readonly testName: string;
  readonly runId: string;
  readonly attempt: number;
  readonly labels: Readonly<Record<string, string>>;
}

const PLACEHOLDER = /\{([^{}]*)\}/g;
const LABEL = 'label.';
const FACTS: Readonly<Record<string, (facts: TemplateFacts) => string>> = {
  run_id: ({ runId }) => runId,
  test_name: ({ testName }) => testName,
  attempt: ({ attempt }) => String(attempt),
};

/** Why a text is no template; null when it is one. */
export function templateProblem(template: string): string | null {
  for (const [shown, name = ''] of template.matchAll(PLACEHOLDER)) {
    const isLabel = name.startsWith(LABEL) && name.length > LABEL.length;
    if (!isLabel && !Object.hasOwn(FACTS, name))
      return `has ${JSON.stringify(shown)}; wanted {label.NAME}, {run_id}, {test_name} or {attempt}`;
  }
  return null;
}

/** Why a filter is no template whose texts stay texts whatever a run says; null when it is one. */
export function filterProblem(filter: string): string | null {
  const bare = filter.replaceAll(/'[^']*'|"[^"]*"/g, '');
  if (/['"]/.test(bare)) return 'has a quote that is not closed';
  const [shown] = /\{[^{}]*\}/.exec(bare) ?? [];
  return shown === undefined ? templateProblem(filter) : `has ${shown} outside of quotes; write '${shown}'`;
}

/** The template with what the run says; a label that the run does not have is a problem. */
export function filled(
  template: string,
  facts: TemplateFacts,
): { readonly text: string } | { readonly problem: string } {
  let missing: string | null = null;
  const text = template.replaceAll(PLACEHOLDER, (_shown, name: string) => {
    const fact = Object.hasOwn(FACTS, name) ? FACTS[name]!(facts) : labelOf(name, facts);
    missing ??= fact === undefined ? name : null;
    return fact ?? '';
  });
  return missing === null ? { text } : { problem: `the run has no label "${labelName(missing)}"` };
}

/** The same for a filter: a text with a quote in it could end the text that it stands in, and is refused. */
export function filledFilter(
  filter: string,
  facts: TemplateFacts,
): { readonly text: string } | { readonly problem: string } {
  for (const [, name = ''] of filter.matchAll(PLACEHOLDER)) {
    const one = filled(`{${name}}`, facts);
    if ('text' in one && /['"`\\\x00-\x1f\x7f]/.test(one.text))
      return { problem: `${name} has a quote, backslash or control character, which no filter may have` };
  }
  return filled(filter, facts);
}

function labelOf(name: string, { labels }: TemplateFacts): string | undefined {
  const label = labelName(name);
  return Object.hasOwn(labels, label) ? labels[label] : undefined;
}

function labelName(name: string): string {
  return name.slice(LABEL.length);
}
