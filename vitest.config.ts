import { defineConfig } from 'vitest/config';

const results = process.env.ZONECAST_TEST_RESULTS;

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['node_modules/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Browsers, workers and load generators share the cores with the tests.
    maxWorkers: 2,
    reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
  },
});
