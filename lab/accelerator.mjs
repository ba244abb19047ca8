// SPDX-License-Identifier: MIT
// Whether the hosts run on this machine's own virtualization or are emulated.
import { accessSync, constants, readFileSync } from 'node:fs';

/**
 * QEMU's options for the CPU. Xen needs hardware virtualization *inside* the host, so KVM serves only where it nests: the
 * processor shows svm or vmx here, and the module allows its guests to use it. A bare /dev/kvm says nothing about that.
 *
 * Emulation: qemu64 with `+svm,+npt`, from which Xen takes its hardware-assisted paging. Richer models bring SMAP and MWAIT,
 * on which a PV dom0 dies under emulation.
 * @returns {string[]}
 */
export function cpuOptions() {
  return hasNestedVirtualization()
    ? ['-accel', 'kvm', '-cpu', 'host']
    : ['-accel', 'tcg,thread=multi', '-cpu', 'qemu64,+svm,+npt'];
}

function hasNestedVirtualization() {
  const flag = /^flags\s*:.*\b(svm|vmx)\b/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1];
  if (flag === undefined) return false;
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    const nested = `/sys/module/${flag === 'svm' ? 'kvm_amd' : 'kvm_intel'}/parameters/nested`;
    return /^[1Y]/.test(readFileSync(nested, 'utf8'));
  } catch {
    return false;
  }
}
