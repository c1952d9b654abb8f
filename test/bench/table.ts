import { type Column, renderMarkdown } from './markdown.ts';

/** One figure: all its measurements, and what it should be. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly samples: readonly number[];
  readonly target?: Target;
}

export interface Target {
  readonly kind: 'at least' | 'below' | 'at most';
  readonly value: number;
}

const SIGNS: Readonly<Record<Target['kind'], string>> = { 'at least': '≥', below: '<', 'at most': '≤' };

const COLUMNS: readonly Column[] = [
  { title: 'Figure' },
  { title: 'Median', align: 'right' },
  { title: 'Unit' },
  { title: 'Lowest to highest' },
  { title: 'n', align: 'right' },
  { title: 'Target' },
  { title: 'Met' },
];

/** All figures as one Markdown table. */
export function figureTable(figures: readonly Figure[]): string {
  return renderMarkdown(
    COLUMNS,
    figures.map(({ name, unit, samples, target }) => [
      name,
      shown(median(samples)),
      unit,
      `${shown(Math.min(...samples))} to ${shown(Math.max(...samples))}`,
      String(samples.length),
      target === undefined ? '' : `${SIGNS[target.kind]} ${shown(target.value)}`,
      target === undefined ? '' : metText(median(samples), target),
    ]),
  );
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle) ? (sorted[middle - 1]! + sorted[middle]!) / 2 : sorted[Math.floor(middle)]!;
}

/** Met or missed, and by how many times. */
function metText(value: number, { kind, value: wanted }: Target): string {
  const times = kind === 'at least' ? value / wanted : wanted / value;
  return times >= 1 ? `met, ${shown(times)} ×` : `missed by ${shown((1 / times - 1) * 100)} %`;
}

/** Three digits that count. */
function shown(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toString();
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
