import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { checkRegistry } from '../domains/registry.ts';
import { defaultRegistry, listDomains, probeTrackers, type RegistryOptions, VmbuddiesError } from '../index.ts';
import { guestProgram, nativePath } from '../native/load.ts';
import { type Check, failed, noted, passed } from '../transfer/check.ts';
import { formatSize } from '../units.ts';
import { examineBalloons } from './doctor-balloons.ts';
import { examineGroups } from './doctor-groups.ts';
import { examineXen } from './doctor-xen.ts';

/** The demo at its default scale, both sides, with room for the programs themselves. */
const enoughMemoryBytes = 2 ** 30;

/** Examines this machine, in the order in which things must be mended. */
export async function examine(where: RegistryOptions = {}): Promise<Check[]> {
  const node = checkNode(process.versions.node);
  const addon = attempt('addon', () => passed('addon', `loaded from ${nativePath()}`));
  // All that follows is asked of the addon.
  if (addon.verdict === 'fail') return [node, addon];
  return [
    node,
    addon,
    attempt('guest program', checkGuestProgram),
    ...(await checkTrackers()),
    attempt('registry', () => examineRegistry(where.registry ?? defaultRegistry())),
    attempt('memory', () => checkMemory(availableMemoryBytes())),
    ...(await examineXen()),
    ...(await examineGroups(where)),
    ...(await examineBalloons(where)),
  ];
}

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return passed('Node.js', version);
  return failed('Node.js', `${version} is too old`, 'install Node.js 20.19 or later');
}

function checkGuestProgram(): Check {
  const path = guestProgram();
  accessSync(path, constants.X_OK);
  return passed('guest program', path);
}

async function checkTrackers(): Promise<Check[]> {
  try {
    const trackers = await probeTrackers();
    const chosen = trackers.find((tracker) => tracker.usable);
    const each = trackers.map(
      ({ name, usable, reason }): Check => ({
        subject: `tracker ${name}`,
        verdict: usable ? 'pass' : 'note',
        finding: name === chosen?.name ? `${reason} (chosen)` : reason,
        fix: null,
      }),
    );
    if (chosen !== undefined) return each;
    return [...each, failed('dirty log', 'no tracker works here', 'allow userfaultfd: see the notes above')];
  } catch (error) {
    return [failed('dirty log', messageOf(error), null)];
  }
}

/** A folder of ours that nobody else can write, or one that can be made. */
function examineRegistry(registry: string): Check {
  checkRegistry(registry);
  if (!existsSync(registry)) return passed('registry', `${registry} can be made`);
  const processes = listDomains({ registry }).length;
  return passed('registry', `${registry} is writable, ${processes} domains`);
}

export function checkMemory(availableBytes: number): Check {
  const finding = `${formatSize(availableBytes)} available`;
  if (availableBytes >= enoughMemoryBytes) return passed('memory', finding);
  const fix = 'end other programs, or run the demo at a smaller scale: --scale 1/32';
  return noted('memory', finding, fix);
}

/** What could be allocated without swapping, within this process's control group. */
function availableMemoryBytes(): number {
  const [, kibibytes] = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
  const constrained = process.constrainedMemory();
  return Math.min(Number(kibibytes) * 1024, constrained > 0 ? constrained : Number.POSITIVE_INFINITY);
}

function attempt(subject: string, check: () => Check): Check {
  try {
    return check();
  } catch (error) {
    return failed(subject, messageOf(error), fixFor(error));
  }
}

function fixFor(error: unknown): string | null {
  // The package's own errors say what to do in their message.
  return error instanceof VmbuddiesError ? null : 'give the user who runs this access, or name another place';
}

function messageOf(error: unknown): string {
  return (error as Error).message;
}
