import { describe, expect, it } from 'vitest';
import { VmbuddiesError } from '../../../src/errors.ts';
import { SharedLink } from '../../../src/simulate/shared-link.ts';

function linkOf(...wants: number[]) {
  const link = new SharedLink(90);
  const heard: string[] = [];
  const shares = wants.map((want, index) => {
    const share = link.open({
      changed: () => heard.push(`${index} gets ${share.bytesPerSecond}`),
      broke: ({ message }) => heard.push(`${index}: ${message}`),
    });
    share.want(want);
    return share;
  });
  const got = () => shares.map(({ bytesPerSecond }) => bytesPerSecond);
  return { link, shares, got, heard };
}

describe('SharedLink', () => {
  it.each([
    [
      [10, 20, 30],
      [10, 20, 30],
    ],
    [[100], [90]],
    [
      [50, 50, 50],
      [30, 30, 30],
    ],
    [
      [10, 100, 100],
      [10, 40, 40],
    ],
    [
      [100, 10, 35],
      [45, 10, 35],
    ],
    [
      [0, 100],
      [0, 90],
    ],
  ])('gives those who want %j max-min fairly %j', (wants, gets) => {
    expect(linkOf(...wants).got()).toEqual(gets);
  });

  it('tells who gets more or less than before, and nobody else', () => {
    const { shares, heard, got } = linkOf(10, 100);
    heard.length = 0;
    shares[0]!.want(20);
    expect(heard).toEqual(['0 gets 20', '1 gets 70']);
    shares[0]!.close();
    expect(got()[1]).toBe(90);
  });

  it('carries nothing once it is broken, and tells everybody why, once', () => {
    const { link, heard, got } = linkOf(10, 20);
    heard.length = 0;
    link.break(new VmbuddiesError('ERR_VMBUDDIES_PEER', 'cut'));
    link.break(new VmbuddiesError('ERR_VMBUDDIES_PEER', 'cut again'));
    expect(got()).toEqual([0, 0]);
    expect(heard.filter((line) => line.includes('cut'))).toEqual(['0: cut', '1: cut']);
    expect(link.broken?.message).toBe('cut');
  });
});
