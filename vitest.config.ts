import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'shared/**/*.test.ts',
      'functions/**/*.test.ts',
      'publisher/**/*.test.ts',
      'watcher/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    // Those need programs besides Node; "npm run test:cloud" runs them.
    exclude: [...configDefaults.exclude, '**/*.cloud.test.ts'],
    testTimeout: 60_000,
    // Each test file is its own process: several start children and send signals.
    pool: 'forks',
    maxWorkers: 2,
  },
});
