import type { SourceSettings } from '../schema/source.ts';
import { decodeGoogleBenchmark } from './google-benchmark.ts';
import { jsonOf, numberIn, shown } from './json-text.ts';
import { decodeLmEval } from './lm-eval.ts';
import { notes } from './notes.ts';
import { decodePerfZero } from './perfzero.ts';
import { jsonPointer, valueAt } from './pointer.ts';
import { decodePytestBenchmark } from './pytest-benchmark.ts';
import type { SourceResult, SourceValue } from './reading.ts';
import { decodeTrainerState } from './trainer-state.ts';

type Settings = SourceSettings<'json'>;

const PRESETS: Readonly<Record<NonNullable<Settings['preset']>, (value: unknown) => SourceResult>> = {
  perfzero: decodePerfZero,
  'pytest-benchmark': decodePytestBenchmark,
  'google-benchmark': decodeGoogleBenchmark,
  'lm-eval': decodeLmEval,
  'trainer-state': decodeTrainerState,
};

/**
 * Reads one JSON document: as a tool writes it (`preset`), or the numbers that pointers lead to. A pointer that leads to
 * none is a note, since its metric is then missing; when none does it is a problem.
 */
export function decodeJson(bytes: Uint8Array, { preset, metrics = {} }: Settings): SourceResult {
  const parsed = jsonOf(bytes);
  if ('problem' in parsed) return parsed;
  const result = preset === undefined ? pointed(parsed.value, metrics) : PRESETS[preset](parsed.value);
  return 'problem' in result ? result : { ...result, notes: [...parsed.notes, ...result.notes] };
}

function pointed(document: unknown, metrics: Readonly<Record<string, string>>): SourceResult {
  const told = notes();
  const values: SourceValue[] = [];
  let missing = '';
  for (const [name, pointer] of Object.entries(metrics)) {
    const found = valueAt(document, jsonPointer(pointer) ?? []);
    const value = numberIn(found);
    if (value !== null) {
      values.push({ name, value });
      continue;
    }
    const sentence = `has ${shown(found)} at ${JSON.stringify(pointer)}; wanted a number`;
    missing ||= sentence;
    told.add('metrics that are missing', sentence);
  }
  return values.length === 0 ? { problem: missing } : { values, points: [], notes: told.all() };
}
