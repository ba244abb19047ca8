import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VmbuddiesError } from '../errors.ts';
import type { NativeAddon } from './contract.ts';

/** The package's top folder: two levels above src/native and dist/native alike. */
const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * What builds the native part. A package manager that was told to run no scripts, or asks before it does (pnpm from 10 on),
 * installs the package without it.
 */
function remedy(): string {
  const folders = packageRoot.split(sep);
  const modules = folders.lastIndexOf('node_modules');
  if (modules < 0) return `Run "npm run build" in ${packageRoot}.`;
  if (folders.includes('.pnpm')) {
    return 'Allow its build with "pnpm approve-builds", or without questions: "pnpm add --allow-build=vmbuddies vmbuddies".';
  }
  const project = folders.slice(0, modules).join(sep);
  const global = existsSync(join(project, 'package.json')) ? '' : ' --global';
  return `Run "npm rebuild vmbuddies${global} --ignore-scripts=false"${global === '' ? ` in ${project}` : ''}.`;
}

let loaded: { addon: NativeAddon; path: string } | undefined;

function load(): { addon: NativeAddon; path: string } {
  // VMBUDDIES_ADDON names another build, for example one with sanitizers.
  const chosen = process.env.VMBUDDIES_ADDON;
  const path = chosen ?? join(packageRoot, 'build', 'Release', 'vmbuddies.node');
  if (!existsSync(path)) {
    throw new VmbuddiesError(
      'ERR_VMBUDDIES_UNAVAILABLE',
      `the native part of vmbuddies is not built: there is no ${path}. ${remedy()}`,
      { operation: 'load' },
    );
  }
  try {
    return { addon: createRequire(import.meta.url)(path) as NativeAddon, path };
  } catch (cause) {
    throw new VmbuddiesError(
      'ERR_VMBUDDIES_UNAVAILABLE',
      `the native part of vmbuddies, ${path}, does not load: ${(cause as Error).message}. ${remedy()}`,
      { operation: 'load', cause },
    );
  }
}

/** The addon, loaded at the first call and never at import. @throws {VmbuddiesError} ERR_VMBUDDIES_UNAVAILABLE */
export function native(): NativeAddon {
  loaded ??= load();
  return loaded.addon;
}

/** Where the addon was loaded from. */
export function nativePath(): string {
  native();
  return loaded!.path;
}

/** The program that every process domain runs; it lies beside the addon. */
export function guestProgram(): string {
  return process.env.VMBUDDIES_GUEST ?? join(dirname(nativePath()), 'vmbuddies-guest');
}

/** The program that runs libxenguest's save; it lies beside the addon. */
export function saveProgram(): string {
  return process.env.VMBUDDIES_XEN_SAVE ?? join(dirname(nativePath()), 'vmbuddies-xen-save');
}
