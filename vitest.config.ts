import { defineConfig } from 'vitest/config';

// Two workers: the tests move real memory, and a machine with two cores is what they are made for.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // A test that asserts nothing fails.
    expect: { requireAssertions: true },
    typecheck: { enabled: false },
  },
});
