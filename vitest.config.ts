import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['node_modules/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores: browsers, workers and load share them, so files that start processes run one at a time.
    maxWorkers: 2,
  },
});
