import { describe, expect, it } from 'vitest';
import { xlHeader } from '../../../src/transfer/xl-header.ts';

describe('xlHeader', () => {
  const config = { c_info: { type: 'pvh', name: 'web', domid: 4294967295 }, b_info: { max_memkb: 131072 } };
  const bytes = Buffer.from(xlHeader(config));
  const json = '{"c_info":{"type":"pvh","name":"web","domid":0},"b_info":{"max_memkb":131072}}\0';

  it('begins with the 48 bytes that xl 4.17 writes, and the two lengths', () => {
    expect(bytes.subarray(0, 52).toString('hex')).toBe(
      '58656e20736176656420646f6d61696e2c20786c20666f726d61740a2000200d' +
        `04030201${'03000000'}${'00000000'}53000000` +
        '4f000000',
    );
    expect(json).toHaveLength(0x4f);
  });

  it('goes on with the configuration and a NUL, its domain number 0 so that the destination chooses one', () => {
    expect(bytes.subarray(52).toString()).toBe(json);
  });

  it('counts bytes, not characters', () => {
    const accented = Buffer.from(xlHeader({ c_info: { name: 'wéb' } }));
    expect(accented.readUInt32LE(48)).toBe(accented.length - 52);
  });

  it('names the memory target that it is given, and keeps the rest of the build', () => {
    const held = Buffer.from(xlHeader(config, 98_304 * 1024))
      .subarray(52, -1)
      .toString();
    expect(JSON.parse(held).b_info).toEqual({ max_memkb: 131072, target_memkb: 98304 });
  });

  it('leaves what it was given unchanged', () => expect(config.c_info.domid).toBe(4294967295));

  it.each([null, undefined, 7, 'text', [], {}, { c_info: null }, { c_info: [] }])('refuses %j', (thing) => {
    expect(() => xlHeader(thing)).toThrow(
      expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT', message: 'this is no domain configuration' }),
    );
  });
});
