import { defineConfig } from 'vitest/config';

// The tests on a real API server; scripts/kubernetes.ts starts it and then vitest with this.
export default defineConfig({
  test: {
    include: ['test/kubernetes/*.live.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 1,
  },
});
