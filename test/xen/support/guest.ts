/** Guests of the lab, and what they say of themselves (lab/guest). */
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { startGuest } from '../../../lab/guests.mjs';
import { runningLab } from '../../../lab/registry.mjs';
import { type HostNumber, inDom0, other } from './hosts.ts';

const lab = await runningLab(process.env.VMBUDDIES_LAB ?? 'lab');

export interface GuestOptions {
  readonly type?: 'pvh' | 'pv';
  readonly memoryMiB?: number;
  readonly pagesPerSecond?: number;
  readonly wssMiB?: number;
  /** Further settings of the guest's program: agent, ignore_suspend, poweroff_after. */
  readonly settings?: Readonly<Record<string, number>>;
  /** false: its kernel has no balloon driver, so it never follows its memory target. */
  readonly balloons?: boolean;
}

/** What a guest's program publishes in xenstore, as seen from one host. */
export interface GuestSays {
  /** Pages written since it booted. */
  readonly count: number;
  readonly corrupt: number;
  readonly verdict: string;
  readonly sweeps: number;
  readonly longestStallMs: number;
  readonly bootId: string;
}

/** Starts a guest and resolves once it works. Any guest of that name, on either host, is ended first. */
export async function startedGuest(name: string, options: GuestOptions = {}, host: HostNumber = 1): Promise<void> {
  await endGuests(name);
  const { type = 'pvh', memoryMiB = 96, pagesPerSecond = 1000, wssMiB = 8, settings = {}, balloons = true } = options;
  await startGuest(lab, host, {
    name,
    type,
    memoryMiB,
    balloons,
    settings: new Map(Object.entries({ pages_per_second: pagesPerSecond, wss_bytes: wssMiB * 2 ** 20, ...settings })),
  });
  // Its writer takes a moment to begin. A working set that does not fit the guest's free memory is not written at all.
  const path = `/local/domain/$(xl domid ${name})/data/vmb/wss_bytes`;
  const wanted = String(wssMiB * 2 ** 20);
  await inDom0(
    host,
    `for i in $(seq 60); do [ "$(xenstore-read ${path})" = ${wanted} ] && exit; sleep 0.5; done; exit 1`,
  );
}

/** Ends guests on both hosts, whatever a migration has left of them. */
export async function endGuests(...names: readonly string[]): Promise<void> {
  const all = names.flatMap((name) => [name, `${name}--incoming`, `${name}--migratedaway`]);
  const command = all.map((name) => `xl destroy ${name} >/dev/null 2>&1`).join('; ');
  await Promise.all(([1, 2] as const).map((host) => inDom0(host, `${command}; true`)));
}

/** The domains of a host by name, with the states that `xl list` prints. */
export async function domainsOf(host: HostNumber): Promise<Map<string, string>> {
  const lines = (await inDom0(host, 'xl list')).trim().split('\n').slice(2);
  return new Map(lines.map((line) => line.trim().split(/\s+/)).map(([name, , , , state]) => [name!, state!]));
}

export async function guestSays(name: string, host: HostNumber): Promise<GuestSays> {
  // Where it has just arrived its keys are not there yet.
  const keys = `/local/domain/$(xl domid ${name})/data/vmb`;
  await inDom0(host, `for i in $(seq 60); do xenstore-exists ${keys}/count && break; sleep 0.5; done`);
  const text = await inDom0(host, `xenstore-ls -f ${keys}`);
  const at = (key: string) => new RegExp(`/vmb/${key} = "(.*)"$`, 'm').exec(text)?.[1] ?? '';
  return {
    count: Number(at('count')),
    corrupt: Number(at('corrupt')),
    verdict: at('verdict'),
    sweeps: Number(at('sweeps')),
    longestStallMs: Number(at('longest_stall_ms')),
    bootId: at('boot_id'),
  };
}

/**
 * Holds a guest against what it was before: the same boot, its count further on and going on, its memory intact, and no
 * second copy of it running on the other host.
 */
export async function expectAlive(name: string, host: HostNumber, before: GuestSays): Promise<GuestSays> {
  const first = await guestSays(name, host);
  let last = first;
  for (let tries = 0; tries < 30 && (last.count === first.count || last.sweeps === first.sweeps); tries++) {
    await wait(1000);
    last = await guestSays(name, host);
  }
  expect(last, `${name} on host ${host}`).toMatchObject({ bootId: before.bootId, corrupt: 0, verdict: 'ok' });
  expect(first.count, `${name}: its count must not run backwards`).toBeGreaterThanOrEqual(before.count);
  expect(last.count, `${name} must go on working on host ${host}`).toBeGreaterThan(first.count);
  const elsewhere = await domainsOf(other(host));
  expect([...elsewhere.keys()]).not.toContain(name);
  // A receiver that was killed leaves its copy, which has never run: `vmbuddies sweep` is for that.
  expect(elsewhere.get(`${name}--incoming`) ?? '--p---').toBe('--p---');
  return last;
}
