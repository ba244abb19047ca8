// Builds the addon and the guest program with node-gyp, unless what is built already comes from the same sources.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireBuildTools } from './requirements.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, 'build', 'sources.sha256');

function sourceStamp() {
  const hash = createHash('sha256')
    .update(process.version)
    .update(process.env.CXX ?? '');
  const files = readdirSync(join(root, 'native'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of [...files, join(root, 'binding.gyp')].sort())
    hash.update(file.slice(root.length)).update(readFileSync(file));
  return hash.digest('hex');
}

/** Headers that lie beside this very Node and have its version spare node-gyp a download. */
function localHeaders() {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  const header = join(prefix, 'include', 'node', 'node_version.h');
  if (!existsSync(header)) return [];
  const text = readFileSync(header, 'utf8');
  const version = ['MAJOR', 'MINOR', 'PATCH']
    .map((part) => new RegExp(`#define NODE_${part}_VERSION (\\d+)`).exec(text)?.[1])
    .join('.');
  return version === process.versions.node ? [`--nodedir=${prefix}`] : [];
}

function findNodeGyp() {
  try {
    return createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
  } catch {
    console.error('vmbuddies: node-gyp is not installed: run "npm install" in the project that uses vmbuddies.');
    process.exit(1);
  }
}

const stamp = sourceStamp();
const built = ['vmbuddies.node', 'vmbuddies-guest', 'vmbuddies-xen-save'].every((name) =>
  existsSync(join(root, 'build', 'Release', name)),
);
if (!(built && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp)) {
  requireBuildTools();
  const nodeGyp = findNodeGyp();
  const result = spawnSync(
    process.execPath,
    [nodeGyp, 'configure', 'build', `--jobs=${availableParallelism()}`, '--loglevel=warn', ...localHeaders()],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (result.status !== 0) {
    console.error(`${result.stdout ?? ''}${result.stderr ?? ''}`.split('\n').slice(-60).join('\n'));
    console.error('vmbuddies: the native part did not build; the compiler says why above.');
    process.exit(1);
  }
  const warnings = `${result.stdout}${result.stderr}`.split('\n').filter((line) => / warning: /.test(line));
  if (warnings.length > 0) console.error(warnings.join('\n'));
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, stamp);
}
