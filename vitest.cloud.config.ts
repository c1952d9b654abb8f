import { defineConfig } from 'vitest/config';

// The tests that need stand-ins for Google Cloud; scripts/cloud.ts starts those and then vitest with this.
export default defineConfig({
  test: {
    include: ['{shared,functions,publisher,watcher,test}/**/*.cloud.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
