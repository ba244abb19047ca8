import { defineConfig } from 'vitest/config';

// Tests against real Xen hosts (lab/README.md): one after another, for the hosts are emulated and share this machine.
// scripts/test-lab.mjs boots the hosts and names them in VMBUDDIES_LAB.
export default defineConfig({
  test: {
    include: ['test/xen/**/*.lab.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    sequence: { concurrent: false },
    // A test that asserts nothing fails.
    expect: { requireAssertions: true },
    reporters: ['verbose'],
    // An emulated host on a busy machine can miss any deadline. What failed for that says so itself: a deadline of
    // VMbuddies', of vitest, or of a command in a host (killed: exit code -1). No other failure is tried again.
    retry: { count: 2, condition: /ERR_VMBUDDIES_DEADLINE|timed out in \d+ms|exit code -1\b/ },
  },
});
