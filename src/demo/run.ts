import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type Domain,
  type GroupOptions,
  type GroupOutcome,
  type GroupRun,
  listDomains,
  migrateGroup,
  openDomain,
  openReceiver,
  type StrategyName,
  startDomain,
} from '../index.ts';
import type { Scenario } from './scenario.ts';

/** A guest at the destination writes within this time, or it does not live. */
const aliveWithinMs = 5_000;

export interface DemoWatcher {
  /** The guests run and their migration begins. Resolves when all has been shown. */
  migrating(run: GroupRun): Promise<void>;
  verified(domain: string, finding: Finding): void;
}

export interface Finding {
  readonly passed: boolean;
  /** What was seen, in one sentence. */
  readonly message: string;
}

/**
 * Starts the scenario's guests in one fresh registry, migrates them under `strategy` to a receiver with another, asks
 * each guest at the destination whether it lives and is intact, and removes all of it again, whatever happens.
 * @throws the signal's reason when it is aborted before the migration or after it
 */
export async function runDemo(
  scenario: Scenario,
  strategy: StrategyName,
  watcher: DemoWatcher,
  signal: AbortSignal,
): Promise<GroupOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'vmbuddies-demo-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  // For an exit in a hurry, on the second interrupt: the guests end with this process, the folder would not.
  process.once('exit', removeFolder);
  const here = join(folder, 'here');
  const there = join(folder, 'there');
  const domains: Domain[] = [];
  try {
    await using receiver = openReceiver({ registry: there, independent: false });
    for (const { name, memoryBytes, workload } of scenario.domains) {
      signal.throwIfAborted();
      domains.push(await startDomain({ name, memoryBytes, workload, registry: here }));
    }
    const outcome = await migrate(domains, watcher, {
      to: receiver.address,
      linkBytesPerSecond: scenario.linkBytesPerSecond,
      strategy,
      // Guests and decisions end with this process alike: there is nothing to recover after a crash.
      journalFolder: join(folder, 'journal'),
      signal,
    });
    if (outcome.outcome !== 'committed') return outcome;
    const verified = [];
    for (const domain of outcome.domains) {
      signal.throwIfAborted();
      const finding = await verify(domain.name, there);
      watcher.verified(domain.name, finding);
      verified.push({ ...domain, verified: finding.passed });
    }
    return { ...outcome, domains: verified };
  } finally {
    await Promise.all(domains.map((domain) => domain.close()));
    for (const registry of [here, there]) await destroyAll(registry);
    process.off('exit', removeFolder);
    removeFolder();
  }
}

async function migrate(domains: Domain[], watcher: DemoWatcher, options: GroupOptions): Promise<GroupOutcome> {
  await using run = migrateGroup(domains, options);
  await watcher.migrating(run);
  return await run.result;
}

/** Alive: it goes on writing. Intact: it finds every page as it wrote it last. */
async function verify(name: string, registry: string): Promise<Finding> {
  await using domain = openDomain(`process:${name}`, { registry });
  const before = domain.info().writes;
  const deadline = performance.now() + aliveWithinMs;
  while (domain.info().writes === before) {
    if (performance.now() > deadline) return { passed: false, message: `no write in ${aliveWithinMs / 1000} s` };
    await wait(10);
  }
  const { intact, checkedPages, writes, message } = await domain.verify();
  const { corruptPages } = domain.info();
  const passed = intact && corruptPages === 0;
  return { passed, message: passed ? `${checkedPages} pages intact after ${writes} writes, alive` : message };
}

async function destroyAll(registry: string): Promise<void> {
  for (const { name } of listDomains({ registry })) {
    await using domain = openDomain(`process:${name}`, { registry });
    await domain.destroy();
  }
}
