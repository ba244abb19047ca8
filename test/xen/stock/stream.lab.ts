import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endGuests, expectAlive, guestSays, startedGuest } from '../support/guest.ts';
import { address, inDom0 } from '../support/hosts.ts';
import { migrate } from '../support/migration.ts';

describe('the stream of our own engine', () => {
  beforeAll(async () => {
    await startedGuest('streamer', { memoryMiB: 96, wssMiB: 8 });
    // What goes through is kept: the receiver gets a copy of every byte, the file the other.
    await inDom0(
      2,
      "printf '%s\\n' '#!/bin/sh' 'tee /tmp/stream | xl migrate-receive' >/run/lab/keep && chmod +x /run/lab/keep",
    );
    await inDom0(
      1,
      "printf '%s\\n' '#!/bin/sh' 'host=$1; shift; case \"$*\" in *migrate-receive*) exec lab-rsh $host /run/lab/keep;; esac; exec lab-rsh $host \"$@\"' >/run/lab/keeping && chmod +x /run/lab/keeping",
    );
  });
  afterAll(() => endGuests('streamer'));

  it("is accepted by Xen's own verify-stream-v2", async () => {
    const before = await guestSays('streamer', 1);
    const report = await migrate(['streamer'], { more: ['--ssh', '/run/lab/keeping'] });
    expect(report.outcome, JSON.stringify(report)).toBe('committed');
    await expectAlive('streamer', 2, before);
    // The last 44 bytes are xl's "go", which is not part of the stream.
    const verdict = await inDom0(
      2,
      'head -c -44 /tmp/stream >/tmp/saved && PYTHONPATH=/usr/lib/xen-4.17/lib/python /usr/lib/xen-4.17/bin/verify-stream-v2 -v -f xl -i /tmp/saved 2>&1 | tail -5; rm -f /tmp/stream /tmp/saved',
    );
    console.log(verdict.trim());
    expect(verdict).not.toMatch(/error|invalid|traceback/i);
    expect(verdict).toMatch(/END/i);
  });

  it('leaves no page different at the destination when all is sent again to be compared', async () => {
    const before = await guestSays('streamer', 2);
    await inDom0(
      1,
      "printf '%s\\n' '#!/bin/sh' 'xl -vvv migrate-receive 2>/tmp/receiver.log' >/run/lab/loud && chmod +x /run/lab/loud",
    );
    await inDom0(
      2,
      "printf '%s\\n' '#!/bin/sh' 'host=$1; shift; case \"$*\" in *migrate-receive*) exec lab-rsh $host /run/lab/loud;; esac; exec lab-rsh $host \"$@\"' >/run/lab/louder && chmod +x /run/lab/louder",
    );
    const report = await migrate(['streamer'], { from: 2, more: ['--ssh', '/run/lab/louder', '--verify-stream'] });
    expect(report.outcome, JSON.stringify(report)).toBe('committed');
    const log = await inDom0(1, 'cat /tmp/receiver.log; rm -f /tmp/receiver.log');
    expect(log, 'the receiver was asked to compare').toMatch(/verify/i);
    expect(log).not.toMatch(/verify pfn .* failed/i);
    await expectAlive('streamer', 1, before);
    expect(address[1]).toBe('10.77.0.1');
  });
});
