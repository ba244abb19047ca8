// npm run check: everything CI does, in order, cheap things first. Each part prints its own closing lines; the first
// that fails ends the run. `node scripts/check.mjs PART…` runs some parts only.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';

const node = process.execPath;
const bin = (path, ...args) => [node, [`node_modules/${path}`, ...args]];

// A native test that hangs fails.
const hangs = ['--timeout', '300'];

function nativeTests(name, sanitizer, env = {}) {
  const folder = `.build/${name}`;
  return [
    ['cmake', ['-G', 'Ninja', '-B', folder, `-DVMBUDDIES_SANITIZE=${sanitizer}`, '--log-level=WARNING']],
    ['cmake', ['--build', folder, '--', '--quiet']],
    ['ctest', ['--test-dir', folder, '--output-on-failure', '--no-tests=error', '--progress', '-j2', ...hangs], env],
  ];
}

const fuzzSeconds = process.env.VMBUDDIES_FUZZ_SECONDS ?? '30';
const fuzz = [
  [
    'cmake',
    [
      '-G',
      'Ninja',
      '-B',
      '.build/fuzz',
      '-DVMBUDDIES_FUZZ=ON',
      '-DCMAKE_CXX_COMPILER=clang++-14',
      '--log-level=WARNING',
    ],
  ],
  ['cmake', ['--build', '.build/fuzz', '--target', 'fuzz_stream_reader', '--', '--quiet']],
  [
    '.build/fuzz/fuzz_stream_reader',
    [
      '-print_final_stats=1',
      '-verbosity=1',
      `-max_total_time=${fuzzSeconds}`,
      '.build/fuzz/found',
      'test/native/fuzz/corpus',
    ],
  ],
];

const parts = {
  lint: [
    bin('@biomejs/biome/bin/biome', 'ci', '--colors=off', '--error-on-warnings', '.'),
    [node, ['scripts/lint-native.mjs']],
  ],
  types: [bin('typescript/bin/tsc', '-p', 'test/tsconfig.json')],
  package: [bin('publint/src/cli.js', '--strict')],
  test: [[node, ['scripts/test.mjs']]],
  native: nativeTests('plain', ''),
  // Nothing else builds it, and what it measures moves.
  bench: [['cmake', ['--build', '.build/plain', '--target', 'vmbuddies-bench', '--', '--quiet']]],
  losing: [[node, ['scripts/check-loss-is-caught.mjs']]],
  tidy: [[node, ['scripts/lint-native.mjs', '--tidy', '.build/plain']]],
  asan: nativeTests('asan', 'address,undefined', {
    ASAN_OPTIONS: 'detect_leaks=1',
    UBSAN_OPTIONS: 'print_stacktrace=1',
  }),
  tsan: nativeTests('tsan', 'thread', { TSAN_OPTIONS: 'halt_on_error=1' }),
  fuzz,
  solver: [[node, ['test/soak/solver.mjs']]],
  oracle: [[node, ['test/soak/solver-oracle.mjs']]],
  groups: [[node, ['test/soak/group.mjs', '24']]],
  strategies: [[node, ['test/soak/strategies.mjs', '25']]],
  disturbed: [[node, ['test/soak/disturbed.mjs', '40']]],
  evaluation: [[node, ['scripts/check-evaluation.mjs']]],
  demo: [[node, ['dist/bundle/vmbuddies.js', 'demo']]],
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`check: no part called ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}
for (const [command, hint, question = '--version'] of [
  ['cmake', 'cmake'],
  ['ninja', 'ninja-build'],
  ['clang-format-14', 'clang-format-14'],
  ['clang-tidy-14', 'clang-tidy-14'],
  ['clang++-14', 'clang-14 libclang-rt-14-dev'],
  ['gpmetis', 'metis', '-help'],
]) {
  if (spawnSync(command, [question], { stdio: 'ignore' }).status !== 0) {
    console.error(`check: ${command} is missing: on Debian "apt-get install ${hint}".`);
    process.exit(1);
  }
}
if (!existsSync('/usr/include/doctest/doctest.h')) {
  console.error('check: doctest is missing: on Debian "apt-get install doctest-dev".');
  process.exit(1);
}
mkdirSync('.build/fuzz/found', { recursive: true });

for (const name of wanted.length > 0 ? wanted : Object.keys(parts)) {
  const began = performance.now();
  console.log(`\n== ${name}`);
  for (const [command, args, env = {}] of parts[name]) {
    const result = spawnSync(command, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    });
    if (result.status !== 0) {
      console.error(
        `\ncheck: ${name} failed: ${command} ${args.join(' ')} (${result.error?.message ?? `exit code ${result.status}`})`,
      );
      process.exit(1);
    }
  }
  console.log(`== ${name}: ok, ${((performance.now() - began) / 1000).toFixed(0)} s`);
}
console.log('\ncheck: all parts passed');
