// Makes the two modules that users load, the library and the command, of the many that tsc has written: Node takes as
// long to find and link a hundred small modules as to start. What only some verbs need goes into files of its own.
import { chmodSync, readFileSync, rmSync } from 'node:fs';

export async function bundle() {
  // Packages may be installed only now: this module is loaded before they are.
  const { build } = await import('rolldown');
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  rmSync('dist/bundle', { recursive: true, force: true });
  await build({
    input: { index: 'dist/index.js', vmbuddies: 'dist/cli/main.js' },
    platform: 'node',
    external: [/^node:/, ...Object.keys(dependencies), 'vega', 'vega-lite'],
    logLevel: 'warn',
    output: { dir: 'dist/bundle', format: 'esm', chunkFileNames: '[name].js', sourcemap: true },
  });
  chmodSync('dist/bundle/vmbuddies.js', 0o755);
}
