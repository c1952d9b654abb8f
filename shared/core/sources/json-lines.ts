import type { SourceSettings } from '../schema/source.ts';
import { jsonPoints } from './json-points.ts';
import { parseJson } from './json-text.ts';
import { metricsLines } from './metrics-lines.ts';
import { notes } from './notes.ts';
import type { SourceResult } from './reading.ts';
import { linesOf, textOf } from './text.ts';

/**
 * Reads JSON lines. With the preset each line holds metrics that are values under their names; with `names` or `metrics`
 * each line is points of series, in the order of the lines. Lines that are no JSON are left out with a note, a last one
 * without an end is said to be cut; when nothing else is there it is a problem.
 */
export function decodeJsonLines(bytes: Uint8Array, settings: SourceSettings<'json_lines'>): SourceResult {
  const decoded = textOf(bytes, { lossy: true });
  if ('problem' in decoded) return decoded;
  const told = notes();
  const reader = settings.preset === undefined ? jsonPoints(settings, told) : metricsLines(settings, told);
  let bad = '';
  let good = 0;
  let number = 0;
  for (const { text, isWhole } of linesOf(decoded.text)) {
    number++;
    if (text.trim() === '') continue;
    const parsed = parseJson(text);
    const isCut = 'problem' in parsed && !isWhole;
    const problem = 'problem' in parsed ? parsed.problem : reader.take(parsed.value, number);
    if (reader.tooMuch !== null) return { problem: reader.tooMuch };
    if (problem === null) good++;
    else {
      const sentence = `line ${number} ${isCut ? 'is cut short: it has no end and is not JSON' : problem}`;
      bad ||= sentence;
      told.add('lines that are left out', `${sentence}; it is left out`);
    }
  }
  if (good === 0) return { problem: bad || 'is empty; wanted a JSON object a line' };
  return { ...reader.end(), notes: [...decoded.notes, ...told.all()] };
}
