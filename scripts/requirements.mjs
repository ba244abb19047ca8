// What a build needs, checked before anything starts: each missing thing is one line that says what to install.
import { spawnSync } from 'node:child_process';

const minimumNode = [20, 19];

function runs(command, argument) {
  return spawnSync(command, [argument], { stdio: 'ignore' }).status === 0;
}

/** Lines to show; empty when everything is there. */
export function missingRequirements() {
  const missing = [];
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < minimumNode[0] || (major === minimumNode[0] && minor < minimumNode[1])) {
    missing.push(`Node.js ${process.versions.node} is too old: install Node.js ${minimumNode.join('.')} or newer.`);
  }
  if (process.platform !== 'linux') missing.push(`This package runs on Linux only, not on ${process.platform}.`);
  const compiler = process.env.CXX || 'c++';
  if (!runs(compiler, '--version')) {
    missing.push(`No C++ compiler (${compiler}): install one, on Debian with "apt-get install g++ make python3".`);
  }
  if (!runs('make', '--version')) missing.push('No make: install it, on Debian with "apt-get install make".');
  if (!runs(process.env.npm_config_python ?? 'python3', '--version')) {
    missing.push('No Python 3 (node-gyp needs it): install it, on Debian with "apt-get install python3".');
  }
  return missing;
}

/** Ends the process with those lines if there are any. */
export function requireBuildTools() {
  const missing = missingRequirements();
  if (missing.length === 0) return;
  for (const line of missing) console.error(`vmbuddies: ${line}`);
  process.exit(1);
}
