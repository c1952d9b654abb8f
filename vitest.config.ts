import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['shared/**/*.test.ts', 'functions/**/*.test.ts', 'publisher/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 60_000,
    // Each test file is its own process: several start children and send signals.
    pool: 'forks',
    maxWorkers: 2,
  },
});
