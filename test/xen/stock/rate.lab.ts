import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endGuests, expectAlive, guestSays, startedGuest } from '../support/guest.ts';
import { type HostNumber, inDom0, install, other } from '../support/hosts.ts';

interface Paced {
  readonly seconds: readonly Second[];
}

interface Second {
  /** Handed to the transport. */
  readonly bytes: number;
  /** The rate that was set during all of it. */
  readonly bytesPerSecond: number;
  /** How long the host's CPU was away at a time. */
  readonly lateMs: number;
}

const name = 'paced';

/**
 * A machine that loses a CPU for a moment, as a virtual one does, carries what did not leave over into the next second: 20 ms
 * are 2 %. Then the looks at the wire, due every 10 ms, come late too: a second that is off is the machine's doing if they
 * were late in it or in the one before. Of any other nothing may be off.
 */
const maxLateMs = 10;
const maxOff = 0.02;
const minSteadySeconds = 3;

const offBy = ({ bytes, bytesPerSecond }: Second) => bytes / bytesPerSecond - 1;
const isSteady = (second: Second) => Math.abs(offBy(second)) <= maxOff;

describe('the rate at which a migration sends', () => {
  let host: HostNumber = 1;
  beforeAll(() => startedGuest(name, { memoryMiB: 96, wssMiB: 4, pagesPerSecond: 200 }));
  afterAll(() => endGuests(name));

  for (const [mbits, next] of [
    [20, 40],
    [40, 20],
  ] as const) {
    it(`is ${mbits} Mbit/s within 2 % in every second in which the host has its CPU, and ${next} Mbit/s a second after the change`, async () => {
      const before = await guestSays(name, host);
      const script = await install(host, 'pace.mjs');
      const wanted = JSON.stringify({
        domain: name,
        to: host === 1 ? '10.77.0.2' : '10.77.0.1',
        bytesPerSecond: (mbits * 1e6) / 8,
        nextBytesPerSecond: (next * 1e6) / 8,
        changeAfterBytes: 40e6,
      });
      const { seconds } = JSON.parse(await inDom0(host, `node ${script} '${wanted}'`)) as Paced;
      host = other(host);
      const told = seconds.map((second) => {
        const off = `${(second.bytesPerSecond * 8) / 1e6}: ${(offBy(second) * 100).toFixed(2)} %`;
        return second.lateMs > maxLateMs ? `${off} (CPU away for ${second.lateMs.toFixed(0)} ms)` : off;
      });
      console.log(told.join(', '));
      console.log(`${seconds.filter(isSteady).length} of ${seconds.length} seconds within 2 %`);
      const isDisturbed = (index: number) =>
        [seconds[index - 1], seconds[index]].some((second) => second !== undefined && second.lateMs > maxLateMs);
      expect(told.filter((_, index) => !isSteady(seconds[index]!) && !isDisturbed(index))).toEqual([]);
      for (const rate of [mbits, next]) {
        const ofRate = seconds.filter(({ bytesPerSecond }) => bytesPerSecond === (rate * 1e6) / 8);
        const steady = ofRate.filter(isSteady).length;
        expect(steady, `seconds within 2 % of ${rate} Mbit/s`).toBeGreaterThanOrEqual(minSteadySeconds);
      }
      await expectAlive(name, host, before);
    });
  }
});
