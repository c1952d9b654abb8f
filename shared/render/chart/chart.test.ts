import { describe, expect, test } from 'vitest';
import { changed, FELL, FIRING, OUT_OF_MEMORY } from '../../../test/golden/mail/fixtures.ts';
import { type ChartData, chartData } from './chart-data.ts';
import { bandPaths, runPath } from './chart-paths.ts';
import { chartSvg } from './chart-svg.ts';
import { scaleFor } from './scale.ts';

const data = (notice = FIRING): ChartData => chartData(notice)!;
const point = (value: number | null, lower: number | null, upper: number | null) => ({
  runId: '',
  at: 0,
  value,
  lower,
  upper,
  isBad: false,
});

describe('what a chart shows', () => {
  test('are at most 60 runs, those of the episode against the bounds that it opened with', () => {
    const points = [...FIRING.evidence.points, ...FIRING.evidence.points];
    const wide = changed(FIRING, {
      evidence: { points: points.map((one) => ({ ...one, lower: 1, upper: 2 })) },
    });
    const shown = data(wide);
    expect(shown.points).toHaveLength(60);
    const { firstBad, frozen } = FIRING.episode;
    for (const { at, lower } of shown.points) expect(lower).toBe(at < firstBad.at ? 1 : frozen!.lower);
  });

  test('are marks where it began, fired and was over', () => {
    expect(data().marks).toEqual([
      { index: 57, word: 'first bad' },
      { index: 58, word: 'fired' },
    ]);
    const closedAt = FIRING.evidence.points[59]!.at;
    expect(data(changed(FIRING, { episode: { closedReason: 'recovered', closedAt } })).marks.at(-1)).toEqual({
      index: 59,
      word: 'recovered',
    });
    expect(data(FELL).marks).toEqual([{ index: 30, word: 'first bad' }]);
  });

  test('is nothing for a job, nor for fewer than three values', () => {
    expect(chartData(OUT_OF_MEMORY)).toBeNull();
    const points = FELL.evidence.points.slice(-2);
    expect(chartData(changed(FELL, { evidence: { points } }))).toBeNull();
  });
});

describe('a chart', () => {
  test('has a dot for a good run, a cross for a bad one, and nothing for one without a value', () => {
    const svg = chartSvg(data())!;
    expect(svg.match(/<circle/g)).toHaveLength(57);
    expect(svg.match(/stroke-linecap="round"/g)).toHaveLength(3);
    const gaps = data(
      changed(FIRING, {
        evidence: {
          points: FIRING.evidence.points.map((one, n) => (n < 20 ? { ...one, value: null } : one)),
        },
      }),
    );
    expect(chartSvg(gaps)!.match(/<circle/g)).toHaveLength(37);
  });

  test('has diamonds for runs that are better than usual', () => {
    const svg = chartSvg(data(changed(FIRING, { episode: { polarity: 'good' } })))!;
    expect(svg.match(/Z" fill="#1f7a3d"/g)).toHaveLength(3);
    expect(svg).not.toContain('#b3261e');
    expect(svg).toContain('>first better<');
  });

  test('is opaque, whatever the page around it', () => {
    expect(chartSvg(data())).toMatch(/<rect x="0.5" y="0.5" width="519" height="219" fill="#ffffff"/);
  });

  test('holds no text from outside', () => {
    const hostile = changed(FIRING, {
      episode: { testName: 'OUTSIDE', signal: 'metric:OUTSIDE', demand: 'OUTSIDE' },
      evidence: { points: FIRING.evidence.points.map((one) => ({ ...one, runId: 'OUTSIDE<&' })) },
    });
    expect(chartSvg(data(hostile))).toBe(chartSvg(data()));
  });

  test('names the times of day where all runs are of one day', () => {
    const start = Date.UTC(2026, 0, 1, 8);
    const points = FIRING.evidence.points.map((one, index) => ({ ...one, at: start + index * 60_000 }));
    const svg = chartSvg({ ...data(), points })!;
    expect(svg).toContain('>08:00 UTC<');
    expect(svg).toContain('>08:59 UTC<');
  });

  test('is none where the values are too far apart to be drawn', () => {
    const points = [-1e308, 1e308, 1e308].map((value) => point(value, null, null));
    expect(chartSvg({ points, centre: null, marks: [], isBetter: false })).toBeNull();
  });
});

describe('its paths', () => {
  const ground = {
    scale: scaleFor([0, 10], { top: 0, bottom: 116 })!,
    left: 0,
    top: 0,
    bottom: 116,
    right: 30,
    x: (index: number) => 5 + index * 10,
  };

  test('have a break where a run has no value', () => {
    const values = [1, 2, null, 3].map((value) => point(value, null, null));
    expect(runPath(values, ground)).toMatch(/^M5 [\d.]+L15 [\d.]+M35 [\d.]+$/);
  });

  test('of a band with one side reach the edge of the picture on the other', () => {
    const points = [point(1, 0, null), point(1, 0, null)];
    const { areas, edges } = bandPaths(points, { ...ground, right: 20 });
    expect(areas).toBe('M0 0L20 0L20 108L0 108Z');
    expect(edges).toBe('M0 108L20 108');
  });

  test('of a band end where the bounds do', () => {
    const points = [point(1, null, null), point(1, 0, 10), point(1, 0, 10)];
    expect(bandPaths(points, ground).areas).toMatch(/^M10 8L30 8L30 108L10 108Z$/);
  });
});
