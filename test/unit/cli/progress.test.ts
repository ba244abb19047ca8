import { describe, expect, it } from 'vitest';
import { Cli } from '../../../src/cli/cli.ts';
import { eventLine, type Shown, showProgress } from '../../../src/cli/render/progress.ts';
import type { DomainStatus, GroupEvent, Round } from '../../../src/index.ts';
import { FakeHost } from './fake-host.ts';

const round: Round = {
  round: 3,
  kind: 'precopy',
  sentPages: 5120,
  zeroPages: 0,
  skippedPages: 12,
  deferredPages: 0,
  unsentPages: 0,
  dirtiedPages: 256,
  sentBytes: 20 * 2 ** 20,
  seconds: 0.42,
  logSeconds: 0.001,
};

const events: GroupEvent[] = [
  { type: 'balloon', domain: 'web', fromBytes: 2 ** 27, toBytes: 83 * 2 ** 20, reason: '' },
  { type: 'balloon-skipped', domain: 'db', reason: 'its guest does not say what is free' },
  { type: 'rates', bytesPerSecond: { web: 12.5e6, db: 37.5e6 } },
  { type: 'round', domain: 'web', round },
  {
    type: 'state',
    domain: 'web',
    state: 'waiting',
    stopReason: { rule: 'converged', limit: 'gain', message: 'round 3 gained 1 %' },
  },
  { type: 'state', domain: 'web', state: 'prepared', stopReason: null },
  { type: 'decision', decision: 'STOP', reason: 'all domains wait' },
];

const lines = [
  'web: ballooned from 128 MiB to 83 MiB',
  'db: memory left as it is (its guest does not say what is free)',
  'rates: web 100 Mbit/s, db 300 Mbit/s',
  'web: round 3: 20 MiB sent in 420 ms, 1 MiB dirtied',
  'web: waiting (round 3 gained 1 %)',
  'web: prepared',
  'decision: STOP (all domains wait)',
];

const web: DomainStatus = {
  name: 'web',
  activity: 'sending',
  round: 3,
  roundPages: 5120,
  roundDonePages: 2150,
  dirtyPages: 256,
  sentBytes: 54 * 2 ** 20,
  bytesPerSecond: 12.5e6,
  etaMs: 3210,
};

function shown(): Shown {
  return {
    status: () => ({
      phase: 'precopy',
      elapsedMs: 4000,
      etaMs: 3210,
      predictedTotalMs: 7210,
      sentBytes: 108 * 2 ** 20,
      predictedBytes: 200 * 2 ** 20,
      domains: [web, { ...web, name: 'db', roundPages: 0, etaMs: null }],
    }),
    async *[Symbol.asyncIterator]() {
      yield* events;
    },
  };
}

describe('eventLine', () => {
  it('says what happened to whom, with units', () => expect(events.map(eventLine)).toEqual(lines));
  it('tells the kinds of rounds apart', () => {
    const last = { ...round, kind: 'stop-and-copy' as const };
    expect(eventLine({ type: 'round', domain: 'web', round: last })).toContain('web: stop-and-copy round 3: ');
  });
});

describe('showProgress', () => {
  it('prints a plain line per event where nobody looks, and nothing on stdout', async () => {
    const host = new FakeHost();
    await showProgress(new Cli(host), shown());
    expect(host.stderr.lines).toEqual(lines);
    expect(host.stdout.text).toBe('');
  });

  it('prints plain lines on a dumb terminal', async () => {
    const host = new FakeHost({ terminal: true });
    host.env.TERM = 'dumb';
    await showProgress(new Cli(host), shown());
    expect(host.stderr.lines).toEqual(lines);
  });

  it('redraws a table under the decisions on a terminal, and takes it away at the end', async () => {
    const host = new FakeHost({ terminal: true });
    host.env.NO_COLOR = '1';
    await showProgress(new Cli(host), shown());
    const { text } = host.stderr;
    const table = text.slice(text.lastIndexOf('precopy ·')).replaceAll('\x1b[K', '').split('\n').slice(0, 4);
    expect(table).toEqual([
      'precopy · 4 s of 7 s · 3 s left · 108 MiB of 200 MiB sent',
      'DOMAIN  STATE    ROUND  OF IT    SENT  DIRTIED        RATE  FINISH IN',
      'web     sending      3   41 %  54 MiB    1 MiB  100 Mbit/s        3 s',
      'db      sending      3      -  54 MiB    1 MiB  100 Mbit/s          -',
    ]);
    expect(text).toContain('decision: STOP (all domains wait)\n');
    expect(text).not.toContain('20 MiB sent');
    expect(text.endsWith(`\x1b[4F${'\x1b[K\n'.repeat(4)}\x1b[4F`)).toBe(true);
    expect(host.stdout.text).toBe('');
  });
});
