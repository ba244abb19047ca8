import type { NativeAddon, NativeXenDomain, NativeXenDomainInfo } from '../../../src/native/contract.ts';
import type {
  NativeMigration,
  NativeOutcome,
  NativeXenMigrationOptions,
} from '../../../src/native/migration-contract.ts';

const MiB = 2 ** 20;

export function xenInfo(change: Partial<NativeXenDomainInfo> = {}): NativeXenDomainInfo {
  return {
    domid: 7,
    name: 'web',
    uuid: 'c2b8c2f0-0f4a-4f0e-9d5c-3d6a1e7f9b21',
    type: 'pvh',
    state: 'running',
    memoryBytes: 128 * MiB,
    presentBytes: 100 * MiB,
    targetBytes: 100 * MiB,
    vcpus: 1,
    cpuSeconds: 1.5,
    ...change,
  };
}

/** The addon as it is in a domain 0, made of plain objects. What is called is written down in `calls`, in order. */
export class FakeXen {
  usable = true;
  guests = [xenInfo()];
  freeBytes: number | null = 40 * MiB;
  readonly calls: string[] = [];
  readonly migrations: NativeXenMigrationOptions[] = [];
  /** Thrown by the next call that can fail. */
  failure: Error | null = null;
  /** What another group is doing with every guest. */
  mover: string | null = null;
  /** Thrown by every look at a guest. */
  lookFails: Error | null = null;

  readonly addon = {
    probeXen: () => ({ usable: this.usable, reason: this.usable ? '' : 'there is no hypervisor', version: '4.17.7' }),
    listXenDomains: () => this.guests,
    listDomains: () => [],
    openXenDomain: (reference: string) => this.#open(reference),
    openDomain: (registry: string, name: string) => {
      this.calls.push(`open process ${name} in ${registry}`);
      return { close: async () => {} };
    },
    openXenMigration: (options: NativeXenMigrationOptions): NativeMigration => {
      this.migrations.push(options);
      this.calls.push('open migration');
      return this.migration();
    },
  } as unknown as NativeAddon;

  migration(): NativeMigration {
    return {
      run: async () => {
        this.calls.push('run');
        return { state: 'committed' } as NativeOutcome;
      },
      setRate: (rate) => this.calls.push(`rate ${rate}`),
      begin: () => this.calls.push('begin'),
      catchUp: () => this.calls.push('catch up'),
      stopAndCopy: () => this.calls.push('stop and copy'),
      pledge: () => this.calls.push('pledge') > 0,
      commit: () => this.calls.push('commit'),
      abort: () => this.calls.push('abort'),
    };
  }

  #open(reference: string): NativeXenDomain {
    const guest = this.guests.find(({ name, domid }) => name === reference || String(domid) === reference);
    if (!guest) throw this.#error('DOMAIN_NOT_FOUND', `there is no domain ${reference}`);
    this.calls.push(`open ${reference}`);
    const done = async (what: string) => {
      this.calls.push(what);
      const { failure } = this;
      this.failure = null;
      if (failure) throw failure;
    };
    const count = (withBitmap: boolean) => ({
      pages: 3,
      seconds: 0.002,
      stallSeconds: 0.002,
      bitmap: withBitmap ? Uint8Array.of(7) : null,
    });
    return {
      info: () => {
        if (this.lookFails) throw this.lookFails;
        return guest;
      },
      preflight: async () => [{ subject: 'log-dirty', verdict: 'pass', finding: 'works', fix: null }],
      suspend: (seconds) => done(`suspend ${seconds} s`),
      resume: () => done('resume'),
      rename: (name) => done(`rename ${name}`),
      guestMemory: async () => (this.freeBytes === null ? null : { totalBytes: 96 * MiB, freeBytes: this.freeBytes }),
      balloon: async (bytes) => {
        await done(`balloon ${bytes}`);
        return bytes;
      },
      holdMemory: async () => {
        await done('hold memory');
        return { presentBytes: guest.presentBytes, targetBytes: guest.targetBytes };
      },
      enableDirtyLog: () => done('log on'),
      peekDirtyLog: async (withBitmap) => count(withBitmap),
      cleanDirtyLog: async (withBitmap) => count(withBitmap),
      disableDirtyLog: () => done('log off'),
      claim: (purpose) => done(`claim ${purpose}`),
      unclaim: () => done('unclaim'),
      requireUnclaimed: async () => {
        if (this.mover !== null) throw this.#error('STATE', `${guest.name} is being moved: ${this.mover}.`);
      },
      close: () => done(`close ${reference}`),
    };
  }

  #error(code: string, message: string): Error {
    return Object.assign(new Error(message), { code: `ERR_VMBUDDIES_${code}` });
  }
}
