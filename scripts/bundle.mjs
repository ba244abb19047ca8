// Makes of the many modules that tsc has written the few that users load: the library, the command, and a file for what
// only one verb needs. To find and link each small module by itself is a good part of what a short command takes.
import { chmodSync, copyFileSync, readFileSync, rmSync } from 'node:fs';
import { relative } from 'node:path';

const folder = 'dist/bundle';

/** Modules by their paths in the project, wherever that lies. */
const at = (pattern) => (id) => pattern.test(relative('.', id));

/** What more than one verb needs goes together; what reads files and what draws figures stays apart, with its packages. */
const groups = [
  { name: 'library', test: at(/^dist\/(?!(cli|report|files|evaluation|demo)\/)/), minShareCount: 2, priority: 2 },
  { name: 'command', test: at(/^(dist\/(cli|report)|node_modules\/commander)\//), minShareCount: 2, priority: 1 },
];

export async function bundle() {
  // Packages may be installed only now: this module is loaded before they are.
  const { build } = await import('rolldown');
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  rmSync(folder, { recursive: true, force: true });
  await build({
    input: { index: 'dist/index.js', vmbuddies: 'dist/cli/main.js' },
    platform: 'node',
    external: [/^node:/, ...Object.keys(dependencies), 'vega', 'vega-lite'],
    logLevel: 'warn',
    output: { dir: folder, format: 'esm', chunkFileNames: '[name].js', sourcemap: true, codeSplitting: { groups } },
  });
  chmodSync(`${folder}/vmbuddies.js`, 0o755);
  // commander is part of the command's file, and its licence asks to go with it.
  copyFileSync('node_modules/commander/LICENSE', `${folder}/commander.LICENSE`);
}
