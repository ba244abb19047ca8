import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where a group's decisions are recorded unless a call says otherwise: `$VMBUDDIES_STATE`, else
 * `$XDG_STATE_HOME/vmbuddies`, else `~/.local/state/vmbuddies`. It must be on storage that survives a crash.
 */
export function defaultJournalFolder(): string {
  const { VMBUDDIES_STATE, XDG_STATE_HOME } = process.env;
  if (VMBUDDIES_STATE) return VMBUDDIES_STATE;
  return join(XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'vmbuddies');
}
