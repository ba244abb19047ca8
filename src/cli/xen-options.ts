/** The options of `migrate` that only Xen domains know. */
import { Option } from 'commander';
import { type Domain, type EngineChoice, type GroupOptions, VmbuddiesError } from '../index.ts';
import type { RemoteHost } from '../transfer/transport.ts';
import { isXen } from './preflight.ts';

export interface XenOptions {
  readonly ssh?: string;
  readonly engine?: EngineChoice;
  readonly verifyStream?: true;
  readonly skipPreflight?: true;
}

const engines: readonly EngineChoice[] = ['auto', 'vmbuddies', 'libxenguest'];

/** `-s` as in `xl migrate`. */
export function sshOption(): Option {
  return new Option(
    '-s, --ssh <command>',
    'Xen: used in place of ssh and all its options, as "COMMAND HOST xl …" (default: ssh, asking nothing)',
  );
}

/** What `--to` and `--ssh` name. */
export function remoteHost({ to, ssh }: { readonly to: string; readonly ssh?: string }): RemoteHost {
  return { host: to, ...(ssh !== undefined && { ssh }) };
}

export function xenOptions(): Option[] {
  return [
    sshOption(),
    new Option(
      '--engine <name>',
      "Xen: whose pre-copy loop moves them; auto takes ours, and Xen's own (libxenguest) for PV guests",
    ).choices(engines),
    new Option('--verify-stream', 'Xen: send all memory twice, for the receiver to compare; a test, with a long pause'),
    new Option('--skip-preflight', 'Xen: go on without the checks of "vmbuddies preflight"'),
  ];
}

/** For `migrateGroup`: what was given, and nothing else. */
export function xenGroupOptions({ ssh, engine, verifyStream }: XenOptions): Partial<GroupOptions> {
  return {
    ...(ssh !== undefined && { ssh }),
    ...(engine !== undefined && { engine }),
    ...(verifyStream !== undefined && { verifyStream }),
  };
}

/** Who gives an option expects an effect: one that has none for process domains is refused, not dropped. */
export function refuseMeaningless(domains: readonly Domain[], options: XenOptions): void {
  if (domains.some(isXen)) return;
  for (const name of ['ssh', 'engine', 'verifyStream', 'skipPreflight'] as const) {
    if (options[name] === undefined) continue;
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', `${flag} has no meaning for process domains`);
  }
}
