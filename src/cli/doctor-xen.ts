import { probeXen } from '../index.ts';
import { type Check, failed, noted, passed } from '../transfer/check.ts';
import { examineThisHost } from '../transfer/remote-host.ts';
import type { XenHost } from '../transfer/xl-output.ts';

/** What this machine has for Xen domains. Without Xen that is no failure: process domains need none. */
export async function examineXen(): Promise<Check[]> {
  const { usable, reason, version } = probeXen();
  if (!usable) return [version === '' ? noted('Xen', reason) : failed('Xen', `${version}: ${reason}`, null)];
  const xen = passed('Xen', `${version}, and the libraries that fit it`);
  const host = await examineThisHost();
  if ('verdict' in host) return [xen, host];
  return [xen, passed('xl', 'answers'), ...checkLogDirty(host)];
}

/** Xen keeps a log of dirty pages through nested page tables, or through shadow ones: PV guests have only the latter. */
export function checkLogDirty({ virtCaps }: XenHost): Check[] {
  const shadow = virtCaps.has('shadow');
  const pvh =
    virtCaps.has('hap') || shadow
      ? passed('log-dirty, PVH and HVM', virtCaps.has('hap') ? 'by nested page tables' : 'by shadow page tables')
      : failed(
          'log-dirty, PVH and HVM',
          'no nested page tables here',
          'switch on hardware virtualisation in the firmware',
        );
  if (shadow) return [pvh, passed('log-dirty, PV', 'by shadow page tables')];
  const fix = 'make guests PVH (type="pvh"), or boot a Xen that was built with CONFIG_SHADOW_PAGING';
  return [pvh, noted('log-dirty, PV', 'this Xen has no shadow page tables: PV guests cannot be migrated live', fix)];
}
