import { requireObject, requireText } from '../model/check.ts';
import type { ProcessDomain, XenDomain } from './domain.ts';
import type { DomainInfo, ProcessDomainInfo } from './info.ts';
import { listProcessDomains, openProcessDomain } from './process-domain.ts';
import { parseReference } from './reference.ts';
import { defaultRegistry, type RegistryOptions } from './registry.ts';
import { listXenDomains, openXenDomain } from './xen-domain.ts';
import { probeXen } from './xen-probe.ts';

/**
 * Opens a running domain by its reference: `xen:NAME` (or Xen's number), `process:NAME`, or a plain name. In a domain 0 a
 * plain name means a Xen domain, as it does to xl; elsewhere, and where a registry is given, a process domain.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_DOMAIN_NOT_FOUND; ERR_VMBUDDIES_UNAVAILABLE for `xen:` without Xen
 */
export function openDomain(reference: `process:${string}`, options?: RegistryOptions): ProcessDomain;
export function openDomain(reference: `xen:${string}`, options?: RegistryOptions): XenDomain;
export function openDomain(reference: string, options?: RegistryOptions): ProcessDomain | XenDomain;
export function openDomain(reference: string, options: RegistryOptions = {}): ProcessDomain | XenDomain {
  requireText('reference', reference);
  const registry = registryOf(options);
  const { kind, name } = parseReference(reference);
  if (kind === 'xen' || (kind === null && xenIsMeant(registry))) return openXenDomain(name);
  return openProcessDomain(name, registry ?? defaultRegistry());
}

/** The domains of this host: process domains, and Xen domains in a domain 0 unless a registry is given. */
export function listDomains(options: { readonly registry: string }): ProcessDomainInfo[];
export function listDomains(options?: RegistryOptions): DomainInfo[];
export function listDomains(options: RegistryOptions = {}): DomainInfo[] {
  const registry = registryOf(options);
  return [...(xenIsMeant(registry) ? listXenDomains() : []), ...listProcessDomains(registry ?? defaultRegistry())];
}

/** The folder that the caller named, if any. @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT */
function registryOf(options: RegistryOptions): string | undefined {
  requireObject('options', options);
  if (options.registry !== undefined) requireText('registry', options.registry);
  return options.registry;
}

function xenIsMeant(registry: string | undefined): boolean {
  return registry === undefined && probeXen().usable;
}
