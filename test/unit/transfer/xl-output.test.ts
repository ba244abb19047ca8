import { describe, expect, it } from 'vitest';
import { autoballoons, parseXlInfo, parseXlList } from '../../../src/transfer/xl-output.ts';
import { xlInfo, xlList } from './xl-says.ts';

describe('parseXlInfo', () => {
  it('finds what matters of a host, memory in bytes', () => {
    expect(parseXlInfo(xlInfo())).toEqual({
      version: '4.17.7',
      major: 4,
      minor: 17,
      totalBytes: 2047 * 2 ** 20,
      freeBytes: 1256 * 2 ** 20,
      virtCaps: new Set(['pv', 'hvm', 'hap', 'gnttab-v1', 'gnttab-v2']),
      hwCaps: '178bf3fd:80002001:20100800:00000007:00000000:00000000:00000000:00000000',
      commandLine: 'com1=115200,8n1 dom0_mem=768M,max:768M dom0_max_vcpus=1',
    });
  });

  it.each(['', 'Welcome to host1\n', 'cannot init xl context', xlInfo().replace(/^free_memory.*$/m, '')])(
    'takes nothing else for it: %j',
    (text) => expect(parseXlInfo(text)).toBeNull(),
  );
});

describe('parseXlList', () => {
  it('finds every guest, with blanks in its name or a name longer than its column', () => {
    const long = `${'long-'.repeat(10)}name--incoming`;
    expect(parseXlList(xlList(['my web', 3, '-b----', 12.5], [long, 12, '--p---', 0], ['db', 4, '---ss-', 7]))).toEqual(
      [
        { name: 'my web', domid: 3, paused: false, cpuSeconds: 12.5 },
        { name: long, domid: 12, paused: true, cpuSeconds: 0 },
        { name: 'db', domid: 4, paused: false, cpuSeconds: 7 },
      ],
    );
  });

  it('finds none on an empty host', () => expect(parseXlList(xlList())).toEqual([]));
});

describe('autoballoons', () => {
  it.each([
    ['autoballoon="off"', '', false],
    ["  autoballoon = 'off'  # we have dom0_mem", '', false],
    ['autoballoon=0', '', false],
    ['autoballoon="on"', 'dom0_mem=1G', true],
    ['autoballoon="auto"', 'dom0_mem=1G', false],
    ['#autoballoon="off"', '', true],
    ['lockfile="/run/xl"\nautoballoon="off"\n', '', false],
    ['', 'console=vga', true],
    ['', 'console=vga dom0_mem=768M,max:768M loglvl=all', false],
    ['', 'dom0_mem=min:512m,max:2048M', false],
    ['', 'dom0_mem=1G+10%', false],
    ['', 'dom0_mem=lots', true],
    ['', 'not_dom0_mem=1G', true],
    ['', 'dom0_mem=1Gx', true],
  ])('with %j and Xen booted with %j is %s, as in xl', (conf, commandLine, on) => {
    expect(autoballoons(conf, commandLine)).toBe(on);
  });
});
