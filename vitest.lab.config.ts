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
    reporters: ['verbose'],
    // An emulated host on a busy machine can miss any deadline.
    retry: 2,
  },
});
