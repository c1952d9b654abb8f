import { compareText } from '../text-order.ts';

/** What a series can be split by: a column of the run, or one of its labels. */
export type LabelName = 'accelerator' | 'framework_version' | 'test_type' | `label.${string}`;

/** The part of a run that says what kind of run it is. */
export interface Labelled {
  readonly testType: string | null;
  readonly accelerator: string | null;
  readonly frameworkVersion: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

const LABEL = 'label.';

/** The value of a label, null where the run has none. */
export function labelOf(run: Labelled, name: LabelName): string | null {
  if (name === 'accelerator') return run.accelerator;
  if (name === 'framework_version') return run.frameworkVersion;
  if (name === 'test_type') return run.testType;
  const key = name.slice(LABEL.length);
  return Object.hasOwn(run.labels, key) ? run.labels[key]! : null;
}

/** Everything that a series can be split by, as text that can be compared. */
export function kindOf({ testType, accelerator, frameworkVersion, labels }: Labelled): string {
  const entries = Object.entries(labels).sort(([a], [b]) => compareText(a, b));
  return JSON.stringify([testType, accelerator, frameworkVersion, entries]);
}
