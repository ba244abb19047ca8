import { VmbuddiesError } from '../errors.ts';
import { native } from '../native/load.ts';

/** What this machine has of Xen. */
export interface XenProbe {
  /** It runs under Xen, in domain 0, with libraries that fit: Xen domains can be listed, measured and moved. */
  readonly usable: boolean;
  /** Why not, in one sentence that says what is missing; '' when usable. */
  readonly reason: string;
  /** Of the hypervisor, for example `4.17.7`; '' without Xen. */
  readonly version: string;
}

/** Asks the hypervisor, if there is one, whether it takes our calls. */
export function probeXen(): XenProbe {
  try {
    return native().probeXen();
  } catch (thrown) {
    throw VmbuddiesError.from(thrown);
  }
}
