import { describe, expect, it } from 'vitest';
import { endpoint, share } from '../../../src/cli/options.ts';

describe('endpoint', () => {
  it.each([
    ['127.0.0.1:7070', '127.0.0.1', 7070],
    ['host-b.example:1', 'host-b.example', 1],
    ['[::1]:65535', '::1', 65_535],
    ['[fe80::1.2.3.4]:0', 'fe80::1.2.3.4', 0],
  ])('reads %s', (text, host, port) => {
    expect(endpoint(text)).toEqual({ host, port });
  });

  it.each(['', 'host', ':7070', 'host:', 'host:65536', '::1:7070', '[]:1', 'a b:1', 'host:7070/'])(
    'refuses %j',
    (text) => expect(() => endpoint(text)).toThrow(/is not HOST:PORT/),
  );
});

describe('share', () => {
  it.each(['0', '1', '0.25', '.5'])('takes %s', (text) => expect(share(text)).toBe(Number(text)));
  it.each(['-0.1', '1.01', '50%', '', 'NaN'])('refuses %j', (text) => expect(() => share(text)).toThrow());
});
