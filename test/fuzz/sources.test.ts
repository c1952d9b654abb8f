import { describe, expect, test } from 'vitest';
import { FORMATS, filesOf, fuzzSources, problemWith } from './sources.ts';

describe('files of sources', () => {
  test.each(FORMATS.map((format) => [format.folder, format] as const))('%s are read', (_folder, format) => {
    const files = filesOf(format);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files)
      for (const source of format.sources) expect(problemWith(file, source)).toBeNull();
  });

  test('that are mutants of them, too', async () => {
    const { problem } = await fuzzSources({ seed: 20_261_123, goOn: (inputs) => inputs < 3000 });
    expect(problem).toBeNull();
  });
});
