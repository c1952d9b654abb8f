import { type Episode, SEVERITIES, type Severity } from '../episodes/episode.ts';
import { globMatcher } from '../glob.ts';
import { nearest } from '../nearest.ts';
import { show } from '../problem.ts';
import type { TestConfig } from '../schema/test-config.ts';

/** What routes and silences look at. */
export interface Subject {
  readonly testName: string;
  readonly signal: string;
  readonly severity: Severity;
  readonly labels: Readonly<Record<string, string>>;
}

/** An episode with the labels that its test has in the config, which no message can change. */
export function subjectOf(episode: Episode, tests: ReadonlyMap<string, TestConfig>): Subject {
  const { testName, signal, severity, firstBad, labels } = episode;
  // Of the first bad run: who heard of it when it opened is told of its end, too.
  return {
    testName,
    signal,
    severity,
    labels: { ...labels, ...firstBad.facts, ...configLabels(tests.get(testName)) },
  };
}

/** What the config file says of a test that a route or a silence can ask for. */
export function configLabels(test: TestConfig | undefined): Readonly<Record<string, string>> {
  const { accelerator, test_type, framework_version, labels } = test ?? {};
  const named = { accelerator, test_type, framework_version, ...labels };
  return Object.fromEntries(
    Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** Whether any of the globs matches; no globs at all match everything. */
export function matchesAny(globs: readonly string[], text: string | undefined): boolean {
  if (globs.length === 0) return true;
  return text !== undefined && globs.some((glob) => globMatcher(glob)(text));
}

/** One demand of a silence: `test=bert-*`, `signal=metric:loss*`, `severity=warning`, `label.team=perf`. */
export interface Matcher {
  /** `test`, `signal`, `severity`, or `label.` and a name. */
  readonly key: string;
  readonly glob: string;
}

const KEYS = ['test', 'signal', 'severity'] as const;
const LABEL = 'label.';
const SHAPE = 'write test=GLOB, signal=GLOB, severity=WORD or label.NAME=GLOB';

/** Reads one demand, or answers with a sentence that says what is wrong with it. */
export function parseMatcher(text: string): Matcher | string {
  const at = text.indexOf('=');
  const [key, glob] = [text.slice(0, Math.max(at, 0)).trim(), text.slice(at + 1).trim()];
  if (key === '' || glob === '') return `${show(text)} is no matcher: ${SHAPE}`;
  if (key.startsWith(LABEL) && key.length > LABEL.length) return { key, glob };
  if (!KEYS.some((known) => known === key)) {
    const meant = nearest(key, KEYS) ?? (key.startsWith(LABEL) ? `${LABEL}NAME` : `${LABEL}${key}`);
    return `${show(text)} asks for ${show(key)}, which no alert has: did you mean "${meant}"?`;
  }
  if (key === 'severity' && !SEVERITIES.some((word) => globMatcher(glob)(word))) {
    return `${show(text)} never matches: a severity is one of ${SEVERITIES.join(', ')}`;
  }
  return { key, glob };
}

/** Whether a subject meets every demand. One that nobody can read, or none at all, matches nothing. */
export function matchesAll(texts: readonly string[], subject: Subject): boolean {
  const matchers = texts.map(parseMatcher);
  return (
    matchers.length > 0 &&
    matchers.every(
      (matcher) => typeof matcher !== 'string' && matchesAny([matcher.glob], valueAt(matcher.key, subject)),
    )
  );
}

function valueAt(key: string, { testName, signal, severity, labels }: Subject): string | undefined {
  if (key === 'test') return testName;
  if (key === 'signal') return signal;
  return key === 'severity' ? severity : labels[key.slice(LABEL.length)];
}
