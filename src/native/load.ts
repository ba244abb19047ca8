import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VmbuddiesError } from '../errors.ts';
import type { NativeAddon } from './contract.ts';

/** The package's top folder: two levels above src/native and dist/native alike. */
const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

let loaded: { addon: NativeAddon; path: string } | undefined;

function load(): { addon: NativeAddon; path: string } {
  // VMBUDDIES_ADDON names another build, for example one with sanitizers.
  const chosen = process.env.VMBUDDIES_ADDON;
  const path = chosen ?? join(packageRoot, 'build', 'Release', 'vmbuddies.node');
  if (!existsSync(path)) {
    throw new VmbuddiesError(
      'ERR_VMBUDDIES_UNAVAILABLE',
      `the native addon is not built: there is no ${path}. Run "npm run build" in the package's folder.`,
      { operation: 'load' },
    );
  }
  try {
    return { addon: createRequire(import.meta.url)(path) as NativeAddon, path };
  } catch (cause) {
    throw new VmbuddiesError(
      'ERR_VMBUDDIES_UNAVAILABLE',
      `the native addon ${path} does not load: ${(cause as Error).message}. Rebuild it with "npm run build".`,
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
