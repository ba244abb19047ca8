import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import {
  listDomains,
  openDomain,
  openReceiver,
  type ProcessDomain,
  type Receiver,
  startDomain,
  type Workload,
} from '../../src/index.ts';

export const MiB = 2 ** 20;

/** Two "hosts", each a registry folder of its own, with whatever runs on them. Everything is gone after the test. */
export interface Sites {
  readonly here: string;
  readonly there: string;
  readonly journalFolder: string;
  start(name: string, workload?: Partial<Workload>, memoryBytes?: number): Promise<ProcessDomain>;
  receive(options?: { independent?: boolean; maxMemoryBytes?: number }): Receiver;
  /** The domain as it runs at the destination. */
  arrived(name: string): ProcessDomain;
}

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export function sites(): Sites {
  const folder = mkdtempSync(join(tmpdir(), 'vmbuddies-test-'));
  const here = join(folder, 'here');
  const there = join(folder, 'there');
  cleanups.push(async () => {
    for (const registry of [here, there]) {
      for (const { name } of listDomains({ registry })) {
        try {
          await using domain = openDomain(`process:${name}`, { registry });
          await domain.destroy();
        } catch {
          // It was dying already.
        }
      }
    }
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    here,
    there,
    journalFolder: join(folder, 'decisions'),
    async start(name, workload = {}, memoryBytes = 16 * MiB) {
      const domain = await startDomain({
        name,
        memoryBytes,
        workload: { usedBytes: memoryBytes, ...workload },
        registry: here,
      });
      cleanups.push(() => domain.close());
      return domain;
    },
    receive(options = {}) {
      const receiver = openReceiver({ registry: there, maxMemoryBytes: 1024 * MiB, ...options });
      cleanups.push(() => receiver.close());
      return receiver;
    },
    arrived(name) {
      const domain = openDomain(`process:${name}`, { registry: there });
      cleanups.push(() => domain.close());
      return domain;
    },
  };
}

/** A guest that keeps a small set of pages busy. */
export const busy = (seed: number): Partial<Workload> => ({
  kind: 'steady',
  seed,
  wwsBytes: 4 * MiB,
  hotBytes: MiB,
  hotWritesPerSecond: 2000,
  coldWritesPerSecond: 500,
});

/** The names that run in a registry, sorted. */
export function namesIn(registry: string): string[] {
  return listDomains({ registry })
    .map(({ name }) => name)
    .sort();
}

/** Waits until `condition` holds; fails the test after ten seconds. */
export async function eventually(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const until = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > until) throw new Error(`it never came true that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** True once the guest has written since the call. */
export async function stillWorks(domain: ProcessDomain): Promise<boolean> {
  const before = domain.info().writes;
  await eventually(() => domain.info().writes > before, `${domain.name} works on`);
  return true;
}
