import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

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
