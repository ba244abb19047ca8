/** What xl 4.17 prints, as taken from a real host, with the figures that tests are about. */
export interface InfoFigures {
  readonly version?: readonly [major: number, minor: number, extra: string];
  readonly totalMiB?: number;
  readonly freeMiB?: number;
  readonly virtCaps?: string;
  readonly hwCaps?: string;
  readonly commandLine?: string;
}

export function xlInfo(figures: InfoFigures = {}): string {
  const [major, minor, extra] = figures.version ?? [4, 17, '.7'];
  return `host                   : host1
release                : 6.1.0-56-amd64
version                : #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)
machine                : x86_64
nr_cpus                : 2
hw_caps                : ${figures.hwCaps ?? '178bf3fd:80002001:20100800:00000007:00000000:00000000:00000000:00000000'}
virt_caps              : ${figures.virtCaps ?? 'pv hvm hap gnttab-v1 gnttab-v2'}
total_memory           : ${figures.totalMiB ?? 2047}
free_memory            : ${figures.freeMiB ?? 1256}
sharing_freed_memory   : 0
outstanding_claims     : 0
xen_major              : ${major}
xen_minor              : ${minor}
xen_extra              : ${extra}
xen_version            : ${major}.${minor}${extra}
xen_changeset          : 
xen_commandline        : ${figures.commandLine ?? 'com1=115200,8n1 dom0_mem=768M,max:768M dom0_max_vcpus=1'}
xend_config_format     : 4
`;
}

/** Rows of `xl list`: name, number, state, seconds. */
export type ListRow = readonly [name: string, domid: number, state: string, seconds: number];

export function xlList(...rows: readonly ListRow[]): string {
  const lines = ([['Domain-0', 0, 'r-----', 106.7], ...rows] as ListRow[]).map(
    ([name, domid, state, seconds]) =>
      `${name.padEnd(40)} ${String(domid).padStart(5)}   128     1     ${state}  ${seconds.toFixed(1).padStart(8)}\n`,
  );
  return `Name                                        ID   Mem VCPUs\tState\tTime(s)\n${lines.join('')}`;
}
