import type { DomainInfo, ProcessDomainInfo, XenDomainInfo } from '../../index.ts';
import type { Table } from '../../report/table.ts';
import { formatDuration, formatSize } from '../../units.ts';
import type { Cli } from '../cli.ts';
import { type Piece, red } from '../text.ts';

/** As results: a table for each kind of domain there is, for they have different things to show; a blank line between. */
export function showDomains(cli: Cli, domains: readonly DomainInfo[]): void {
  const xen = domains.filter((domain) => domain.kind === 'xen');
  const processes = domains.filter((domain) => domain.kind === 'process');
  if (xen.length > 0) cli.table(xenTable(xen));
  if (xen.length > 0 && processes.length > 0) cli.result('');
  if (processes.length > 0) cli.table(processTable(processes));
}

function xenTable(domains: readonly XenDomainInfo[]): Table {
  return {
    columns: [
      { title: 'NAME' },
      { title: 'ID', align: 'right' },
      { title: 'TYPE' },
      { title: 'STATE' },
      { title: 'MEMORY', align: 'right' },
      { title: 'PRESENT', align: 'right' },
      { title: 'VCPUS', align: 'right' },
      { title: 'CPU TIME', align: 'right' },
    ],
    rows: domains.map((domain) => [
      domain.name,
      String(domain.domid),
      domain.type,
      domain.state,
      formatSize(domain.memoryBytes),
      formatSize(domain.presentBytes),
      String(domain.vcpus),
      formatDuration(domain.cpuSeconds * 1000),
    ]),
  };
}

function processTable(domains: readonly ProcessDomainInfo[]): Table<Piece> {
  return {
    columns: [
      { title: 'NAME' },
      { title: 'STATE' },
      { title: 'MEMORY', align: 'right' },
      { title: 'PRESENT', align: 'right' },
      { title: 'WORKLOAD' },
      { title: 'WRITES', align: 'right' },
      { title: 'LONGEST STALL', align: 'right' },
      { title: 'CORRUPT', align: 'right' },
    ],
    rows: domains.map((domain) => [
      domain.name,
      domain.state,
      formatSize(domain.memoryBytes),
      formatSize(domain.presentBytes),
      domain.workload.kind,
      String(domain.writes),
      formatDuration(domain.longestStallMs),
      domain.corruptPages === 0 ? '0' : red(String(domain.corruptPages)),
    ]),
  };
}
