/** The options that protect the connection to a receiver of process domains. */
import { Option } from 'commander';
import { type PeerOptions, readSecretFile } from '../index.ts';
import { quoteWord } from '../transfer/words.ts';

export interface PeerFlags {
  readonly secretFile?: string;
  readonly insecure?: true;
}

export function peerOptions(): Option[] {
  return [
    new Option(
      '--secret-file <file>',
      'process domains: the secret that both sides must have, 16 bytes or more, readable by its owner alone',
    ),
    new Option(
      '--insecure',
      'process domains: beyond loopback without a secret; whoever reaches the port can take or forge a domain',
    ),
  ];
}

/** For library calls. @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT */
export function protection({ secretFile, insecure }: PeerFlags): PeerOptions {
  return {
    ...(secretFile !== undefined && { secret: readSecretFile(secretFile) }),
    ...(insecure && { insecure }),
  };
}

/** How a hint must end for its command to be let in. */
export function peerFlagsText({ secretFile, insecure }: PeerFlags): string {
  if (secretFile !== undefined) return ` --secret-file ${quoteWord(secretFile)}`;
  return insecure ? ' --insecure' : '';
}
