import { beforeEach, describe, expect, it, vi } from 'vitest';
import { listDomains, openDomain } from '../../../src/domains/open.ts';
import { FakeXen, xenInfo } from './fake-xen.ts';

let xen: FakeXen;
vi.mock('../../../src/native/load.ts', () => ({ native: () => xen.addon }));
beforeEach(() => {
  xen = new FakeXen();
});

describe('openDomain', () => {
  it('takes a plain name for a Xen domain in a domain 0', () => {
    expect(openDomain('web').reference).toBe('xen:web');
  });

  it('takes a plain name for a process domain where there is no Xen', () => {
    xen.usable = false;
    expect(openDomain('web').reference).toBe('process:web');
  });

  it('takes a plain name for a process domain where a registry stands for the host', () => {
    expect(openDomain('web', { registry: '/there' }).reference).toBe('process:web');
    expect(xen.calls).toEqual(['open process web in /there']);
  });

  it('lets the prefix decide before anything else', () => {
    expect(openDomain('process:web').kind).toBe('process');
    expect(openDomain('xen:web', { registry: '/there' }).kind).toBe('xen');
  });

  it('opens a Xen domain by its number and calls it by its name', () => {
    expect(openDomain('xen:7').reference).toBe('xen:web');
  });

  it('says which domain there is not', () => {
    expect(() => openDomain('xen:db')).toThrow(
      expect.objectContaining({ code: 'ERR_VMBUDDIES_DOMAIN_NOT_FOUND', domain: 'db' }),
    );
  });
});

describe('listDomains', () => {
  it('lists Xen domains with all that Xen says of them', () => {
    expect(listDomains()).toEqual([{ reference: 'xen:web', kind: 'xen', ...xenInfo() }]);
  });

  it('calls a domain that xl is receiving what it is', () => {
    xen.guests = [xenInfo({ name: 'web--incoming', state: 'paused' })];
    expect(listDomains()).toMatchObject([{ name: 'web--incoming', state: 'incoming' }]);
  });

  it.each([
    ['without Xen', false, {}],
    ['where a registry stands for the host', true, { registry: '/there' }],
  ])('leaves Xen domains out %s', (_, usable, options) => {
    xen.usable = usable;
    expect(listDomains(options)).toEqual([]);
  });
});
