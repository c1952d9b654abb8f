import type { NoticePoint } from '../../core/episodes/notice.ts';
import type { Scale } from './scale.ts';

/** Where the paths lie, in pixels. */
export interface Ground {
  readonly scale: Scale;
  readonly left: number;
  readonly top: number;
  readonly bottom: number;
  readonly right: number;
  x(index: number): number;
}

/** Runs of neighbours with bounds. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * The band as SVG path data: areas between the bounds, and the bounds themselves as lines. Each run's bounds reach
 * half-way to its neighbours, in steps; a side without a bound reaches the edge of the picture and has no line.
 */
export function bandPaths(points: readonly NoticePoint[], ground: Ground): { areas: string; edges: string } {
  let areas = '';
  let edges = '';
  for (const stretch of stretches(points)) {
    const upper = edge(points, 'upper', { stretch, ground });
    const lower = edge(points, 'lower', { stretch, ground });
    const back = [...lower].reverse();
    areas += `M${[...upper, ...back].map(([x, y]) => `${x} ${y}`).join('L')}Z`;
    for (const [side, line] of [
      ['upper', upper],
      ['lower', lower],
    ] as const) {
      if (points[stretch.from]![side] !== null) edges += `M${line.map(([x, y]) => `${x} ${y}`).join('L')}`;
    }
  }
  return { areas, edges };
}

/** Neighbours that have bounds on the same sides. */
function stretches(points: readonly NoticePoint[]): Stretch[] {
  const found: Stretch[] = [];
  let from = 0;
  for (let index = 1; index <= points.length; index += 1) {
    if (index < points.length && sides(points[index]!) === sides(points[from]!)) continue;
    if (sides(points[from]!) !== '') found.push({ from, to: index - 1 });
    from = index;
  }
  return found;
}

function sides({ lower, upper }: NoticePoint): string {
  return `${lower === null ? '' : 'l'}${upper === null ? '' : 'u'}`;
}

type Corner = readonly [x: number, y: number];

function edge(
  points: readonly NoticePoint[],
  side: 'lower' | 'upper',
  { stretch: { from, to }, ground }: { readonly stretch: Stretch; readonly ground: Ground },
): Corner[] {
  const open = side === 'upper' ? ground.top : ground.bottom;
  const corners: Corner[] = [];
  for (let index = from; index <= to; index += 1) {
    const bound = points[index]![side];
    const y = px(bound === null ? open : ground.scale.at(bound));
    const before = index === 0 ? ground.left : (ground.x(index - 1) + ground.x(index)) / 2;
    const after = index === points.length - 1 ? ground.right : (ground.x(index) + ground.x(index + 1)) / 2;
    // A bound that stays the same needs no corner.
    if (corners.at(-1)?.[1] === y) corners.pop();
    else corners.push([px(before), y]);
    corners.push([px(after), y]);
  }
  return corners;
}

/** The line through the values as SVG path data; it is broken where one is missing or not finite. */
export function runPath(points: readonly NoticePoint[], ground: Pick<Ground, 'scale' | 'x'>): string {
  let path = '';
  let pen = 'M';
  for (const [index, { value }] of points.entries()) {
    if (value === null || !Number.isFinite(value)) {
      pen = 'M';
      continue;
    }
    path += `${pen}${px(ground.x(index))} ${px(ground.scale.at(value))}`;
    pen = 'L';
  }
  return path;
}

function px(value: number): number {
  return Number(value.toFixed(1));
}
