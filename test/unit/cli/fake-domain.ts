import type { DomainKind, PreflightCheck, ProcessDomain, XenDomain, XenDomainInfo } from '../../../src/index.ts';

/** As much of a domain as the commands touch; `xen:web` and the like make a Xen domain. */
export class FakeDomain {
  readonly kind: DomainKind;
  readonly name: string;
  readonly calls: string[] = [];
  closed = false;
  checks: PreflightCheck[] = [];

  constructor(reference: string, kind: DomainKind = reference.startsWith('xen:') ? 'xen' : 'process') {
    this.kind = kind;
    this.name = reference.replace(/^\w+:/, '');
  }

  asDomain(): ProcessDomain | XenDomain {
    return this as unknown as XenDomain;
  }

  info(): XenDomainInfo {
    return xenInfo(this.name);
  }

  checkDestination(to: string, ssh?: string | null): void {
    this.calls.push(`checkDestination ${to} ${ssh}`);
  }

  async preflight(): Promise<PreflightCheck[]> {
    return this.checks;
  }

  async resume(): Promise<void> {
    this.calls.push('resume');
  }

  async destroy(): Promise<void> {
    this.calls.push('destroy');
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

export function xenInfo(name: string, change: Partial<XenDomainInfo> = {}): XenDomainInfo {
  return {
    reference: `xen:${name}`,
    name,
    kind: 'xen',
    uuid: '6c3a6b1e-0000-4000-8000-000000000001',
    domid: 5,
    type: 'pvh',
    memoryBytes: 128 * 2 ** 20,
    presentBytes: 96 * 2 ** 20,
    targetBytes: 96 * 2 ** 20,
    state: 'running',
    vcpus: 1,
    cpuSeconds: 12.5,
    ...change,
  };
}
