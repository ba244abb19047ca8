import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A project into which the package as it would be published is installed, without its install script. */
const project = realpathSync(mkdtempSync(join(tmpdir(), 'vmbuddies-package-')));
const installed = join(project, 'node_modules', 'vmbuddies');

function run(command: string, args: readonly string[], { cwd = project, env = {} as Record<string, string> } = {}) {
  const own = { VMBUDDIES_REGISTRY: join(project, 'registry'), VMBUDDIES_STATE: join(project, 'state') };
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...own, ...env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const vmbuddies = (line: string) =>
  run(process.execPath, [join(installed, 'dist/bundle/vmbuddies.js'), ...line.split(' ')]);

const build = (env: Record<string, string>) => run('npm', ['run', '--silent', 'build'], { cwd: installed, env });

beforeAll(() => {
  const packed = run('npm', ['pack', '--ignore-scripts', '--silent', '--offline', '--pack-destination', project], {
    cwd: resolve('.'),
  });
  expect(packed.stderr).toBe('');
  mkdirSync(installed, { recursive: true });
  const tarball = join(project, packed.stdout.trim());
  expect(run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']).stderr).toBe('');
  writeFileSync(join(project, 'package.json'), '{"private":true}');
  // Only what it says it needs: nothing else may be imported.
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    const link = join(project, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(resolve('node_modules', name), link);
  }
});

afterAll(() => rmSync(project, { recursive: true }));

describe('the package, installed without its native part', () => {
  it.each([
    ['--help', /vmbuddies VERB/],
    ['schema scenario', /"\$schema"/],
    [`plan ${installed}/examples/three-tier.yaml --link 40Mbit/s --runs 1`, /STRATEGY/],
    [`simulate ${installed}/examples/wan.yaml`, /TRAFFIC/],
    [`group ${installed}/examples/workflow.yaml --k 3`, /DOMAINS/],
    ['reproduce --figure table-2', /\d/],
  ])('does what needs none: vmbuddies %s', (line, output) => {
    const { status, stdout, stderr } = vmbuddies(line);
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(output);
  });

  it('has its library loaded, types and all', () => {
    const script = "import { VmbuddiesError } from 'vmbuddies'; console.log(VmbuddiesError.name)";
    expect(run(process.execPath, ['--input-type=module', '-e', script])).toEqual({
      status: 0,
      stdout: 'VmbuddiesError\n',
      stderr: '',
    });
    expect(readFileSync(join(installed, 'dist/index.d.ts'), 'utf8')).toContain('VmbuddiesError');
  });

  it('ends with 69 for the rest, and names the command that builds it here', () => {
    const { status, stdout, stderr } = vmbuddies('list');
    expect({ status, stdout }).toEqual({ status: 69, stdout: '' });
    expect(stderr).toBe(
      'vmbuddies: the native part of vmbuddies is not built: there is no ' +
        `${installed}/build/Release/vmbuddies.node. Run "npm rebuild vmbuddies --ignore-scripts=false" in ${project}.\n`,
    );
  });
});

describe('building the native part in the installed package', () => {
  it('ends with one sentence where there is no compiler', () => {
    const { status, stderr } = build({ CXX: '/nonexistent/c++' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^vmbuddies: No C\+\+ compiler \(\/nonexistent\/c\+\+\): install one, .*\n$/);
  });

  it('ends with one sentence where its packages are missing', () => {
    const nodeGyp = join(project, 'node_modules/node-gyp');
    rmSync(nodeGyp);
    const { status, stderr } = build({});
    symlinkSync(resolve('node_modules/node-gyp'), nodeGyp);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^vmbuddies: node-gyp is not installed: .*npm install.*\n$/);
  });

  it('ends with the compiler’s words where it fails, and no stack of our own', () => {
    const compiler = join(project, 'c++');
    writeFileSync(compiler, '#!/bin/sh\n[ "$1" = --version ] || { echo "not today" >&2; exit 1; }\n');
    chmodSync(compiler, 0o755);
    const { status, stderr } = build({ CXX: compiler });
    expect(status).toBe(1);
    expect(stderr).toContain('not today');
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      'vmbuddies: the native part did not build; the compiler says why above.',
    );
    expect(stderr).not.toMatch(/^ +at .*(setup|build-native)\.mjs/m);
  });
});
