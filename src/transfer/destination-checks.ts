/** Whether a destination can take a group of Xen domains: the verdicts, from facts. Pure. */
import { formatSize } from '../units.ts';
import { type Check, failed, noted, passed } from './check.ts';
import { type RemoteHost, sshFlag } from './transport.ts';
import { quoteWord } from './words.ts';
import type { ListedDomain, XenHost } from './xl-output.ts';

/** What has to be known of a domain that is to move. */
export interface Traveller {
  readonly name: string;
  readonly type: 'pv' | 'pvh' | 'hvm';
  readonly memoryBytes: number;
  readonly presentBytes: number;
  readonly vcpus: number;
}

/** Domains that are to move. */
export interface Party {
  readonly travellers: readonly Traveller[];
  /** All at once; otherwise one after another. */
  readonly together: boolean;
}

export interface Destination extends RemoteHost {
  readonly xen: XenHost;
  readonly domains: readonly ListedDomain[];
  readonly autoballoons: boolean;
}

const MiB = 2 ** 20;
const pageBytes = 4096;

export function judgeDestination(there: Destination, here: XenHost, { travellers, together }: Party): Check[] {
  return [
    checkVersion(there, here),
    checkTypes(there, travellers),
    checkProcessors(there, here),
    ...travellers.map(({ name }) => checkName(there, name)),
    checkAutoballoon(there, together ? travellers.length : 1),
    checkMemory(there, travellers),
  ];
}

/** A stream of this Xen restores on the same and on newer ones. */
function checkVersion({ xen, host }: Destination, here: XenHost): Check {
  const older = xen.major < here.major || (xen.major === here.major && xen.minor < here.minor);
  if (!older) return passed('Xen version', `${here.version} here, ${xen.version} there`);
  const finding = `${host} has ${xen.version}, older than ${here.version} here: guests move to the same or a newer Xen only`;
  return failed('Xen version', finding, `upgrade Xen on ${host}`);
}

function checkTypes({ xen, host }: Destination, travellers: readonly Traveller[]): Check {
  const capability = (type: Traveller['type']) => (type === 'pv' ? 'pv' : 'hvm');
  const stranded = travellers.filter(({ type }) => !xen.virtCaps.has(capability(type)));
  if (stranded.length === 0) {
    const types = [...new Set(travellers.map(({ type }) => type.toUpperCase()))];
    return passed('guest types', `${host} runs ${types.join(' and ')} guests`);
  }
  const who = stranded.map(({ name, type }) => `${name} (${type.toUpperCase()})`).join(', ');
  const fix = 'switch on hardware virtualisation in its firmware; PV guests need a Xen built with CONFIG_PV';
  return failed('guest types', `${host} cannot run ${who}`, fix);
}

function checkProcessors({ xen, host }: Destination, here: XenHost): Check {
  if (xen.hwCaps === here.hwCaps) return passed('processors', 'the same features here and there');
  const finding = `${host}'s have other features: it refuses, at the start of its copy, a guest that was given more than it has`;
  return noted('processors', finding, 'level the guests with "cpuid" in their configuration');
}

/** A copy is called NAME--incoming until it may start (tools/xl/xl_vmcontrol.c), then NAME. */
function checkName(there: Destination, name: string): Check {
  const { domains, host } = there;
  const subject = `name ${name}`;
  if (domains.some((domain) => domain.name === `${name}--incoming`)) {
    const fix = `if nothing is arriving there now: vmbuddies sweep ${quoteWord(name)} --to ${host}${sshFlag(there)}`;
    return failed(subject, `${host} has a ${name}--incoming, perhaps left over from a broken migration`, fix);
  }
  if (!domains.some((domain) => domain.name === name)) return passed(subject, `free on ${host}`);
  return failed(subject, `${host} has a domain of this name`, 'rename one of the two with "xl rename"');
}

/**
 * While it makes room, xl holds one lock for the whole of a restore (tools/xl/xl_vmcontrol.c, acquire_lock): the second
 * domain of a group would not even begin before the first has started, which waits for the second.
 */
function checkAutoballoon({ autoballoons, host }: Destination, count: number): Check {
  if (!autoballoons) return passed('parallel restores', `${host} restores several domains at once`);
  const finding = `xl on ${host} shrinks domain 0 for new domains, and restores one at a time for that`;
  const fix = `put autoballoon="off" into /etc/xen/xl.conf on ${host}, or dom0_mem=SIZE on its Xen command line`;
  return count > 1
    ? failed('parallel restores', `${finding}: ${count} together would wait for ever`, fix)
    : noted('parallel restores', finding, fix);
}

function checkMemory({ xen, autoballoons, host }: Destination, travellers: readonly Traveller[]): Check {
  const neededBytes = travellers.reduce((sum, traveller) => sum + neededMemory(traveller, xen), 0);
  const finding = `${formatSize(neededBytes)} needed, ${formatSize(xen.freeBytes)} of ${formatSize(xen.totalBytes)} free on ${host}`;
  if (neededBytes <= xen.freeBytes) return passed('memory', finding);
  const missing = formatSize(neededBytes - xen.freeBytes);
  if (autoballoons) return noted('memory', finding, `xl there takes the missing ${missing} from domain 0, if it can`);
  return failed(
    'memory',
    finding,
    `free another ${missing} there: move or shut down a guest, or shrink one (xl mem-set)`,
  );
}

/**
 * What the destination takes from Xen for a copy: its pages, libxl's allowance (`LIBXL_PV_EXTRA_MEMORY`,
 * `LIBXL_HVM_EXTRA_MEMORY`), and the pool for its page tables (`libxl__get_required_paging_memory`: 1 MiB for each
 * processor and, for each MiB of memory, a page where they are nested and one where they are shadowed).
 */
function neededMemory({ type, memoryBytes, presentBytes, vcpus }: Traveller, { virtCaps }: XenHost): number {
  const poolPages = type !== 'pv' && !virtCaps.has('hap') ? 2 : 1;
  const allowance = (type === 'pv' ? 1 : 2) * MiB;
  const bytes = presentBytes + allowance + vcpus * MiB + (memoryBytes / MiB) * poolPages * pageBytes;
  return Math.ceil(bytes / (2 * MiB)) * 2 * MiB;
}
