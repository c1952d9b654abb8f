import { describe, expect, test } from 'vitest';
import { choices } from './random.ts';
import { corpus, fuzz, problemWith } from './read.ts';

describe('event files', () => {
  test('of the corpus are read as the plain way reads them', async () => {
    const files = corpus();
    expect(files.length).toBeGreaterThan(70);
    for (const { name, bytes } of files) expect(await problemWith(bytes, choices(1)), name).toBeNull();
  });

  test('that are mutants of them, too', async () => {
    const { problem } = await fuzz({ seed: 20_261_123, goOn: (inputs) => inputs < 1500 });
    expect(problem).toBeNull();
  });
});
