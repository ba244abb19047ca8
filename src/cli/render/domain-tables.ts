import type { DomainInfo, ProcessDomainInfo, XenDomainInfo } from '../../index.ts';
import type { Table } from '../../report/table.ts';
import { formatDuration, formatSize } from '../../units.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';

/** The lines of a table for each kind of domain there is, for they have different things to show; a blank one between. */
export function domainTables(domains: readonly DomainInfo[], style: Style): string[] {
  const xen = domains.filter((domain) => domain.kind === 'xen');
  const processes = domains.filter((domain) => domain.kind === 'process');
  const lines = xen.length > 0 ? renderTable(xenTable(xen), style) : [];
  if (processes.length === 0) return lines;
  return [...lines, ...(lines.length > 0 ? [''] : []), ...renderTable(processTable(processes, style), style)];
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

function processTable(domains: readonly ProcessDomainInfo[], style: Style): Table {
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
      domain.corruptPages === 0 ? '0' : style.red(String(domain.corruptPages)),
    ]),
  };
}
