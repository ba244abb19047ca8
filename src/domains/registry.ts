import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

export interface RegistryOptions {
  /**
   * Folder in which process domains are found; see {@link defaultRegistry}. One that is given stands for a host of its
   * own, without Xen: plain names mean its process domains, and only those are listed.
   */
  readonly registry?: string;
}

/**
 * The folder in which process domains are found when a call names none: `$VMBUDDIES_REGISTRY`, else
 * `$XDG_RUNTIME_DIR/vmbuddies`, else `vmbuddies-UID` in the temporary folder. One folder stands for one host.
 */
export function defaultRegistry(): string {
  const { VMBUDDIES_REGISTRY, XDG_RUNTIME_DIR } = process.env;
  if (VMBUDDIES_REGISTRY) return VMBUDDIES_REGISTRY;
  if (XDG_RUNTIME_DIR) return join(XDG_RUNTIME_DIR, 'vmbuddies');
  return join(tmpdir(), `vmbuddies-${userInfo().uid}`);
}
