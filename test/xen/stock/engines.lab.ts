import { afterAll, describe, expect, it } from 'vitest';
import { endGuests, expectAlive, guestSays, startedGuest } from '../support/guest.ts';
import { type HostNumber, inDom0, other } from '../support/hosts.ts';

interface Run {
  readonly bytes: number;
  readonly seconds: number;
  readonly pauseMs: number;
  readonly cpuSeconds: number;
}

const name = 'contender';

/** What left a host over the wire since it booted. */
async function sentBytes(host: HostNumber): Promise<number> {
  return Number(await inDom0(host, 'cat /sys/class/net/eth1/statistics/tx_bytes'));
}

/** What a command takes in a dom0, with all that it starts there. */
async function clocked(host: HostNumber, command: string): Promise<Pick<Run, 'seconds' | 'cpuSeconds'>> {
  const output = await inDom0(
    host,
    `cat >/run/lab/timed.sh <<'END'\n${command}\nEND\nbash -c 'TIMEFORMAT="%R %U %S"; time sh /run/lab/timed.sh >/run/lab/timed.out 2>&1 </dev/null' 2>&1`,
  ).catch(async (error: unknown) => {
    throw new Error(`${(error as Error).message}\n${await inDom0(host, 'tail -20 /run/lab/timed.out')}`);
  });
  const [seconds = 0, user = 0, system = 0] = output.trim().split('\n').at(-1)!.split(' ').map(Number);
  return { seconds, cpuSeconds: user + system };
}

/** Runs a command in the source's dom0 and takes the measures from outside, the same for every engine. */
async function timed(from: HostNumber, command: string): Promise<Run> {
  await inDom0(from, `xenstore-write /local/domain/$(xl domid ${name})/data/vmb/set/forget_stalls 1; sleep 3`);
  const before = await guestSays(name, from);
  const bytesBefore = await sentBytes(from);
  const clock = await clocked(from, command);
  const bytes = (await sentBytes(from)) - bytesBefore;
  const after = await expectAlive(name, other(from), before);
  return { ...clock, bytes, pauseMs: after.longestStallMs };
}

function mean(a: Run, b: Run): Run {
  const of = (key: keyof Run) => (a[key] + b[key]) / 2;
  return { bytes: of('bytes'), seconds: of('seconds'), pauseMs: of('pauseMs'), cpuSeconds: of('cpuSeconds') };
}

describe('engines side by side: one guest, the same writes, the same transport', () => {
  afterAll(() => endGuests(name));

  it('prints what our engine, xc_domain_save under our control, and stock xl cost', async () => {
    await startedGuest(name, { memoryMiB: 96, wssMiB: 8, pagesPerSecond: 500 });
    let host: HostNumber = 1;
    const to = () => (host === 1 ? '10.77.0.2' : '10.77.0.1');
    const ours = (engine: string) =>
      `vmbuddies migrate ${name} --to ${to()} --ssh lab-rsh --engine ${engine} --link 1Gbit/s --strategy ns --skip-preflight`;
    // The first start of a program reads it from disk.
    for (const each of [1, 2] as const) await inDom0(each, 'vmbuddies list; xl list');
    const start = {
      vmbuddies: await clocked(host, 'vmbuddies migrate --help'),
      xl: await clocked(host, 'xl help migrate'),
    };
    const runs: Record<string, Run> = {};
    for (const [engine, command] of [
      ['vmbuddies', () => ours('vmbuddies')],
      ['libxenguest', () => ours('libxenguest')],
      ['stock xl', () => `xl migrate -s lab-rsh ${name} ${to()}`],
    ] as const) {
      const there = await timed(host, command());
      host = other(host);
      const back = await timed(host, command());
      host = other(host);
      runs[engine] = mean(there, back);
    }
    const own = runs.vmbuddies!;
    console.log(
      'there and back, mean\nengine       bytes      total     pause     CPU (sender)   and ours as a share of it',
    );
    for (const [engine, run] of Object.entries(runs)) {
      const shares = [
        own.bytes / run.bytes,
        own.seconds / run.seconds,
        own.pauseMs / run.pauseMs,
        own.cpuSeconds / run.cpuSeconds,
      ];
      console.log(
        `${engine.padEnd(11)}  ${(run.bytes / 1e6).toFixed(1)} MB  ${run.seconds.toFixed(1)} s  ${run.pauseMs.toFixed(0)} ms  ` +
          `${run.cpuSeconds.toFixed(2)} s   ${shares.map((share) => `×${share.toFixed(2)}`).join('  ')}`,
      );
      expect(own.bytes).toBeLessThanOrEqual(run.bytes * 1.02);
    }
    console.log(
      `of which the program's start, CPU: vmbuddies ${start.vmbuddies.cpuSeconds.toFixed(2)} s, xl ${start.xl.cpuSeconds.toFixed(2)} s`,
    );
  }, 600_000);
});
