// clang-format and clang-tidy over the C++ sources. --fix rewrites the format; --tidy DIR runs clang-tidy with the
// compile_commands.json in DIR. Version 14 of both: other versions format differently.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const files = ['native', 'test/native', 'lab/guest', 'lab/rsh']
  .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && /\.(cc|h)$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name));

function run(command, args, stdio = 'inherit') {
  const result = spawnSync(command, args, { stdio });
  if (result.error) {
    console.error(`vmbuddies: ${command} is missing: on Debian "apt-get install clang-format-14 clang-tidy-14".`);
    process.exit(1);
  }
  if (result.status !== 0) process.exit(1);
}

const tidyFolder = process.argv[process.argv.indexOf('--tidy') + 1];
if (process.argv.includes('--tidy')) {
  // Its standard error only counts the warnings of system headers.
  run(
    'run-clang-tidy-14',
    ['-p', tidyFolder, '-quiet', '-j2', '(?<!test/)native/(core|process|xen)/'],
    ['ignore', 'inherit', 'ignore'],
  );
} else {
  run('clang-format-14', process.argv.includes('--fix') ? ['-i', ...files] : ['--dry-run', '--Werror', ...files]);
}
