/** What xl prints, as data. xl prints JSON of configurations only; of hosts and of a domain's state it has just text. */

/** Of `xl info` (tools/xl/xl_info.c). */
export interface XenHost {
  /** For example `4.17.8-pre`. */
  readonly version: string;
  readonly major: number;
  readonly minor: number;
  readonly totalBytes: number;
  /** For new domains; what is promised to others is not in it. */
  readonly freeBytes: number;
  /** For example `pv`, `hvm`, `hap`, `shadow`. */
  readonly virtCaps: ReadonlySet<string>;
  /** The processors' feature words; equal where the processors are. */
  readonly hwCaps: string;
  /** Xen's own. */
  readonly commandLine: string;
}

/** Of `xl list`. */
export interface ListedDomain {
  readonly name: string;
  readonly domid: number;
  readonly paused: boolean;
  /** Of all its processors, to a tenth; 0 for one that has never run. */
  readonly cpuSeconds: number;
  /** Of `xl list -v`. */
  readonly uuid?: string;
}

/** null if `text` is not what `xl info` prints. */
export function parseXlInfo(text: string): XenHost | null {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^(\w+)\s*:(.*)$/.exec(line) ?? [];
    if (key !== undefined) values.set(key, value!.trim());
  }
  const of = (key: string) => values.get(key) ?? '';
  const mebibytes = (key: string) => Number(of(key) || Number.NaN) * 2 ** 20;
  const host = {
    version: of('xen_version'),
    major: Number(of('xen_major') || Number.NaN),
    minor: Number(of('xen_minor') || Number.NaN),
    totalBytes: mebibytes('total_memory'),
    freeBytes: mebibytes('free_memory'),
    virtCaps: new Set(of('virt_caps').split(' ')),
    hwCaps: of('hw_caps'),
    commandLine: of('xen_commandline'),
  };
  return [host.major, host.minor, host.totalBytes, host.freeBytes].every(Number.isFinite) ? host : null;
}

/** Every domain but the host itself. Names may hold blanks, so each line is read from its end. */
export function parseXlList(text: string): ListedDomain[] {
  const domains: ListedDomain[] = [];
  for (const line of text.split('\n')) {
    const [, name, domid, state, seconds, uuid] =
      /^(.*?)\s+(\d+)\s+\d+\s+\d+\s+([r-][b-][p-][s-].[d-])\s+([\d.]+)(?:\s+([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\b.*)?$/.exec(
        line,
      ) ?? [];
    if (name === undefined || domid === '0') continue;
    const paused = state![2] === 'p';
    domains.push({ name, domid: Number(domid), paused, cpuSeconds: Number(seconds), ...(uuid && { uuid }) });
  }
  return domains;
}

const size = String.raw`-?\d+[bkmgt]?`;
/** tools/xl/xl.c, auto_autoballoon(): what counts as giving domain 0 an amount of memory of its own. */
const dom0Memory = new RegExp(`(^| )dom0_mem=((|min:|max:)(${size}|(${size}\\+)?\\d{1,2}%),?)+($| )`, 'i');

/**
 * Whether xl shrinks domain 0 to make room for a new domain: as `/etc/xen/xl.conf` says ('' where there is none), and by
 * default unless Xen was told how much domain 0 gets.
 */
export function autoballoons(xlConf: string, commandLine: string): boolean {
  const [, setting = 'auto'] = /^\s*autoballoon\s*=\s*["']?(\w+)/m.exec(xlConf) ?? [];
  if (setting === 'on' || setting === '1') return true;
  if (setting === 'off' || setting === '0') return false;
  return !dom0Memory.test(commandLine);
}
