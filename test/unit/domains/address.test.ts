import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../src/domains/address.ts';

describe('parseAddress', () => {
  it.each([
    ['127.0.0.1:7000', '127.0.0.1', 7000],
    ['db.example:65535', 'db.example', 65535],
    ['[::1]:1', '::1', 1],
  ])('reads %s', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
  });

  it.each(['', 'host', 'host:', ':7000', 'host:0', 'host:65536', 'host:7000x', '::1:7000', 'host:-1'])(
    'refuses "%s" and says what it wants',
    (text) => {
      expect(() => parseAddress(text)).toThrow(/is not HOST:PORT/);
    },
  );
});
