import { defineConfig } from 'vitest/config';
import { SUITES } from './test/engines/suites.ts';

/** The suites that hold other engines than MiniStack to what AWS does. */
function onEngine(name: 'moto' | 'versitygw') {
  return {
    test: {
      name,
      include: SUITES[name].map((suite) => `test/contract/${suite}`),
      globalSetup: 'test/setup/second-opinion.ts',
      runner: './test/engines/runner.ts',
      testTimeout: 60_000,
      hookTimeout: 120_000,
    },
  };
}

// Three heights of test, one command each, the template's linters, and two second opinions (see
// CONTRIBUTING.md).
export default defineConfig({
  test: {
    reporters: ['default', './test/engines/table-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: 'test/setup/seed.ts',
          testTimeout: 20_000, // what is tried many times at random, on a machine that others keep busy
        },
      },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          globalSetup: 'test/setup/local-stack.ts',
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/setup/local-stack.ts',
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'template',
          include: ['test/template/**/*.test.ts'],
          hookTimeout: 300_000,
        },
      },
      onEngine('moto'),
      {
        test: {
          name: 'clamav',
          include: ['test/clamav/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'other-s3',
          include: ['test/other-s3/**/*.test.ts'],
          globalSetup: 'test/setup/other-s3.ts',
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      onEngine('versitygw'),
    ],
  },
});
