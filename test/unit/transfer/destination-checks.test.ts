import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Destination, judgeDestination, type Traveller } from '../../../src/transfer/destination-checks.ts';
import { parseXlInfo, parseXlList } from '../../../src/transfer/xl-output.ts';
import { type InfoFigures, type ListRow, xlInfo, xlList } from './xl-says.ts';

const MiB = 2 ** 20;
const traveller = (name: string, change: Partial<Traveller> = {}): Traveller => ({
  name,
  type: 'pvh',
  memoryBytes: 128 * MiB,
  presentBytes: 128 * MiB,
  vcpus: 1,
  ...change,
});
const web = traveller('web');
const db = traveller('db');

interface There extends InfoFigures {
  readonly rows?: readonly ListRow[];
  readonly autoballoons?: boolean;
  readonly together?: boolean;
}

function judge({ rows = [], autoballoons = false, together = true, ...figures }: There, travellers = [web, db]) {
  const there: Destination = {
    host: 'b',
    xen: parseXlInfo(xlInfo(figures))!,
    domains: parseXlList(xlList(...rows)),
    autoballoons,
  };
  return judgeDestination(there, parseXlInfo(xlInfo())!, { travellers, together });
}

/** The one check that is not passed. */
function complaint(...args: Parameters<typeof judge>) {
  const rest = judge(...args).filter(({ verdict }) => verdict !== 'pass');
  expect(rest).toHaveLength(1);
  return rest[0];
}

describe('a destination', () => {
  it('that can take the group passes every check', () => {
    expect(judge({})).toEqual([
      { subject: 'Xen version', verdict: 'pass', finding: '4.17.7 here, 4.17.7 there', fix: null },
      { subject: 'guest types', verdict: 'pass', finding: 'b runs PVH guests', fix: null },
      { subject: 'processors', verdict: 'pass', finding: 'the same features here and there', fix: null },
      { subject: 'name web', verdict: 'pass', finding: 'free on b', fix: null },
      { subject: 'name db', verdict: 'pass', finding: 'free on b', fix: null },
      { subject: 'parallel restores', verdict: 'pass', finding: 'b restores several domains at once', fix: null },
      { subject: 'memory', verdict: 'pass', finding: '264 MiB needed, 1.23 GiB of 2 GiB free on b', fix: null },
    ]);
  });

  it('may have a newer Xen', () => {
    expect(judge({ version: [4, 20, '.1'] })[0]).toMatchObject({ verdict: 'pass' });
    expect(judge({ version: [5, 0, '.0'] })[0]).toMatchObject({ verdict: 'pass' });
  });

  it('with an older Xen is refused', () => {
    expect(complaint({ version: [4, 16, '.5'] })).toEqual({
      subject: 'Xen version',
      verdict: 'fail',
      finding: 'b has 4.16.5, older than 4.17.7 here: guests move to the same or a newer Xen only',
      fix: 'upgrade Xen on b',
    });
  });

  it('that cannot run a kind of guest is refused', () => {
    expect(complaint({ virtCaps: 'pv' }, [web, traveller('old', { type: 'pv' })])).toMatchObject({
      verdict: 'fail',
      finding: 'b cannot run web (PVH)',
    });
    expect(complaint({ virtCaps: 'hvm hap' }, [traveller('old', { type: 'pv' })])).toMatchObject({
      finding: 'b cannot run old (PV)',
    });
  });

  it('with other processors is worth a note', () => {
    expect(complaint({ hwCaps: '0' })).toMatchObject({ subject: 'processors', verdict: 'note' });
  });

  it('where a name is taken is refused', () => {
    expect(complaint({ rows: [['db', 3, '-b----', 5]] })).toEqual({
      subject: 'name db',
      verdict: 'fail',
      finding: 'b has a domain of this name',
      fix: 'rename one of the two with "xl rename"',
    });
  });

  it('where a copy has been left is refused, with how to remove it', () => {
    expect(complaint({ rows: [['db--incoming', 3, '--p---', 0]] })).toEqual({
      subject: 'name db',
      verdict: 'fail',
      finding: 'b has a db--incoming, perhaps left over from a broken migration',
      fix: 'if nothing is arriving there now: vmbuddies sweep db --to b',
    });
  });

  it('that is reached in another way is named so in what to type', () => {
    const there: Destination = {
      host: 'b',
      ssh: 'rsh -p 1',
      xen: parseXlInfo(xlInfo())!,
      domains: parseXlList(xlList(['web--incoming', 3, '--p---', 0])),
      autoballoons: false,
    };
    const checks = judgeDestination(there, there.xen, { travellers: [web], together: true });
    expect(checks.find(({ verdict }) => verdict === 'fail')?.fix).toMatch(
      /: vmbuddies sweep web --to b --ssh 'rsh -p 1'$/,
    );
  });

  it('where xl restores one domain at a time is refused for a group, and noted for one domain or one after another', () => {
    const fix = 'put autoballoon="off" into /etc/xen/xl.conf on b, or dom0_mem=SIZE on its Xen command line';
    const finding = 'xl on b shrinks domain 0 for new domains, and restores one at a time for that';
    expect(complaint({ autoballoons: true })).toEqual({
      subject: 'parallel restores',
      verdict: 'fail',
      finding: `${finding}: 2 together would wait for ever`,
      fix,
    });
    const note = { subject: 'parallel restores', verdict: 'note', finding, fix };
    expect(complaint({ autoballoons: true }, [web])).toEqual(note);
    expect(complaint({ autoballoons: true, together: false })).toEqual(note);
  });

  it('without the memory for all together is refused, with how much is missing', () => {
    expect(complaint({ freeMiB: 263 })).toEqual({
      subject: 'memory',
      verdict: 'fail',
      finding: '264 MiB needed, 263 MiB of 2 GiB free on b',
      fix: 'free another 1 MiB there: move or shut down a guest, or shrink one (xl mem-set)',
    });
    expect(judge({ freeMiB: 264 }).at(-1)).toMatchObject({ verdict: 'pass' });
  });

  it('where xl takes memory from domain 0 may still do it', () => {
    expect(judge({ freeMiB: 100, autoballoons: true }, [web]).at(-1)).toMatchObject({
      verdict: 'note',
      fix: 'xl there takes the missing 32 MiB from domain 0, if it can',
    });
  });

  it.each([
    { what: '128 MiB', domain: web, caps: 'hvm hap', needs: '132 MiB' },
    {
      what: '1 GiB and shadow page tables',
      domain: traveller('a', { memoryBytes: 1024 * MiB, presentBytes: 512 * MiB }),
      caps: 'hvm shadow',
      needs: '524 MiB',
    },
    {
      what: 'the same with nested ones',
      domain: traveller('a', { memoryBytes: 1024 * MiB, presentBytes: 512 * MiB }),
      caps: 'hvm hap',
      needs: '520 MiB',
    },
    {
      what: '8 GiB with 4 processors',
      domain: traveller('a', { memoryBytes: 8192 * MiB, presentBytes: 8192 * MiB, vcpus: 4 }),
      caps: 'hvm hap',
      needs: '8.04 GiB',
    },
    {
      what: 'ballooned from 1 GiB to 256 MiB',
      domain: traveller('a', { memoryBytes: 1024 * MiB, presentBytes: 256 * MiB }),
      caps: 'hvm hap',
      needs: '264 MiB',
    },
    {
      what: '256 MiB, PV',
      domain: traveller('a', { type: 'pv', memoryBytes: 256 * MiB, presentBytes: 256 * MiB }),
      caps: 'pv',
      needs: '260 MiB',
    },
  ])('gives up $needs for a domain of $what', ({ domain, caps, needs }) => {
    expect(judge({ virtCaps: caps }, [domain]).at(-1)!.finding).toContain(`${needs} needed`);
  });

  it('never needs less for one domain more', () => {
    const size = fc.integer({ min: 1, max: 65_536 }).map((mebibytes) => mebibytes * MiB);
    const domain = fc.record({ memoryBytes: size, presentBytes: size, vcpus: fc.integer({ min: 1, max: 128 }) });
    fc.assert(
      fc.property(
        fc.array(domain, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 500_000 }),
        (all, freeMiB) => {
          const group = all.map((one, at) => traveller(`g${at}`, one));
          const fits = (domains: Traveller[]) => judge({ freeMiB }, domains).at(-1)!.verdict === 'pass';
          if (fits(group)) expect(fits(group.slice(1))).toBe(true);
          if (fits(group))
            expect(group.reduce((sum, { presentBytes }) => sum + presentBytes, 0)).toBeLessThan(freeMiB * MiB);
        },
      ),
    );
  });
});
