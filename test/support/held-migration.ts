import type { NativeDomain } from '../../src/native/contract.ts';
import { native } from '../../src/native/load.ts';
import type { Sites } from './sites.ts';

export interface HeldMigration {
  readonly sourceDigest: bigint;
  readonly destinationDigest: bigint;
  /** What the memory would be had the guest made its writes without ever migrating. */
  readonly replayDigest: bigint;
  commit(): Promise<void>;
  /** The same two once the guest has worked on at the destination and is suspended there. */
  digestAfter(): Promise<bigint>;
  replayAfter(): Promise<bigint>;
}

/** Migrates to the point where both copies are complete and paused, and takes the digest of each. */
export async function heldMigration(
  site: Sites,
  name: string,
  bytesPerSecond: number,
  tracker: string,
): Promise<HeldMigration> {
  const addon = native();
  const receiver = site.receive();
  const migration = addon.openMigration({
    registry: site.here,
    domain: name,
    host: '127.0.0.1',
    port: receiver.port,
    secret: null,
    tracker,
    stopRule: 'converged',
    downtimeSeconds: 0,
    bytesPerSecond,
    holdAtStart: false,
    holdAtSynchropoint: false,
    holdWhenPrepared: true,
    suspendTimeoutSeconds: 5,
    maxPauseSeconds: 0,
    connectTimeoutSeconds: 5,
    stallTimeoutSeconds: 10,
  });
  let prepared!: () => void;
  const isPrepared = new Promise<void>((resolve) => {
    prepared = resolve;
  });
  const done = migration.run((event) => {
    if (event.type === 'state' && event.state === 'prepared') prepared();
  });
  await Promise.race([isPrepared, done]);
  const source = addon.openDomain(site.here, name);
  const destination = addon.openDomain(site.there, `${name}--incoming`);
  const held = {
    sourceDigest: await source.digest(),
    destinationDigest: await destination.digest(),
    replayDigest: await replay(source),
  };
  await source.close();
  await destination.close();
  const moved = () => addon.openDomain(site.there, name);
  return {
    ...held,
    async commit() {
      migration.commit();
      const outcome = await done;
      if (outcome.state !== 'committed') throw new Error(`the migration ended as ${outcome.state}`);
    },
    digestAfter: () => moved().digest(),
    replayAfter: () => replay(moved()),
  };
}

function replay(domain: NativeDomain): Promise<bigint> {
  const { memoryBytes, workload, writes, presentBytes } = domain.info();
  return native().replayDigest(memoryBytes, workload, writes, presentBytes);
}
