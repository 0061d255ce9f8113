import { defineConfig } from 'vitest/config';

const results = process.env.ZONECAST_TEST_RESULTS;

export default defineConfig({
  test: {
    reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
    projects: [
      {
        test: {
          name: 'code',
          include: ['**/*.test.ts'],
          exclude: ['node_modules/**', 'test/e2e/**', 'test/zone/**', 'test/world/**'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Workers and load generators share the cores with the tests.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'zones',
          include: ['test/{zone,world}/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Each is a dozen processes, and measures how long people are without media.
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'browsers',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // One after the other: they measure when pictures come, and a page more beside them is in their way.
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
