import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatDuration,
  formatRate,
  formatSize,
  parseDuration,
  parseFrequency,
  parseRate,
  parseSize,
} from '../../../src/units.ts';

describe('parseSize', () => {
  it.each([
    ['256MiB', 268_435_456],
    ['1GiB', 1_073_741_824],
    ['512KiB', 524_288],
    ['4096B', 4096],
    ['1GB', 1_000_000_000],
    ['1.5GiB', 1_610_612_736],
    ['.5 MiB', 524_288],
    ['2048m', 2_147_483_648],
    ['2g', 2_147_483_648],
    ['1TiB', 1_099_511_627_776],
    ['64TiB', 64 * 2 ** 40],
    [' 20.75 mib ', 21_757_952],
    ['0B', 0],
  ])('reads %s as %d bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it.each([
    ['256', /has no unit: xl would read it as KiB/],
    ['', /is not a size/],
    ['-1MiB', /is not a size/],
    ['1e3MiB', /is not a size/],
    ['12parsec', /'parsec' in '12parsec' is not a unit of a size; known units: B, KiB, MiB/],
    ['1MiBB', /not a unit/],
    ['NaN', /is not a size/],
    ['99999999TiB', /larger than any memory/],
  ])('refuses %j', (text, message) => {
    expect(() => parseSize(text)).toThrow(message);
    expect(() => parseSize(text)).toThrow(expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT' }));
  });
});

describe('parseRate', () => {
  it.each([
    ['400Mbit/s', 50_000_000],
    ['40Mbit', 5_000_000],
    ['1Gbit/s', 125_000_000],
    ['1gbps', 125_000_000],
    ['56kbit/s', 7000],
    ['50MB/s', 50_000_000],
    ['48MiB/s', 50_331_648],
    ['unlimited', Number.POSITIVE_INFINITY],
  ])('reads %s as %d bytes per second', (text, rate) => expect(parseRate(text)).toBe(rate));

  it.each([
    ['400', /has no unit: is it bits or bytes/],
    ['50Mb/s', /can mean bits or bytes; write Mbit\/s or MB\/s/],
    ['50mb/s', /can mean bits or bytes/],
    ['5b/s', /can mean bits or bytes; write bit\/s or B\/s/],
    ['0Mbit/s', /a rate of zero moves nothing/],
    ['-4Mbit/s', /is not a rate/],
    ['4MiB', /not a unit of a rate/],
    ['fast', /is not a rate/],
  ])('refuses %j', (text, message) => expect(() => parseRate(text)).toThrow(message));
});

describe('parseDuration', () => {
  it.each([
    ['300ms', 300],
    ['1s', 1000],
    ['2min', 120_000],
    ['0.5h', 1_800_000],
    ['1h 30min', 5_400_000],
    ['2min1.5s', 121_500],
    ['876000h', 876_000 * 3600e3],
  ])('reads %s as %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([
    ['30', /has no unit: is it seconds or milliseconds/],
    ['5m', /'m' in '5m' is not a unit of a time/],
    ['5min 3', /'3' has no unit/],
    ['soon', /is not a time/],
    ['876601h', /longer than 100 years/],
    ['1e300h', /is not a (unit of a )?time/],
  ])('refuses %j', (text, message) => expect(() => parseDuration(text)).toThrow(message));
});

describe('parseFrequency', () => {
  it('reads 20000/s', () => expect(parseFrequency('20000/s')).toBe(20_000));
  it.each([['20000'], ['20000/min'], ['-1/s']])('refuses %j', (text) => expect(() => parseFrequency(text)).toThrow());
});

describe('formatting', () => {
  it.each([
    [formatSize(268_435_456), '256 MiB'],
    [formatSize(1_048_575), '1 MiB'],
    [formatSize(0), '0 B'],
    [formatSize(1_047_527_424), '999 MiB'],
    [formatRate(50_000_000), '400 Mbit/s'],
    [formatRate(16_666_666.7), '133 Mbit/s'],
    [formatRate(Number.POSITIVE_INFINITY), 'unlimited'],
    [formatDuration(0), '0 ms'],
    [formatDuration(12.3456), '12.3 ms'],
    [formatDuration(999.9), '1 s'],
    [formatDuration(59_940), '59.9 s'],
    [formatDuration(59_960), '1 min'],
    [formatDuration(90_000), '1 min 30 s'],
    [formatDuration(119_000), '1 min 59 s'],
    [formatDuration(119_600), '2 min'],
    [formatDuration(121_000), '2 min 1 s'],
    [formatDuration(3_599_700), '1 h'],
    [formatDuration(5_400_000), '1 h 30 min'],
    [formatDuration(600 * 3_600_000), '600 h'],
  ])('prints %s', (printed, expected) => expect(printed).toBe(expected));

  const laws = [
    { what: 'a size', format: formatSize, parse: parseSize, values: fc.integer({ min: 0, max: 2 ** 45 }) },
    { what: 'a rate', format: formatRate, parse: parseRate, values: fc.double({ min: 1, max: 1e11, noNaN: true }) },
    {
      what: 'a time',
      format: formatDuration,
      parse: parseDuration,
      // Whole minutes of an hour.
      share: 0.0084,
      values: fc.double({ min: 0, max: 1e9, noNaN: true }),
    },
  ];
  it.each(laws)(
    'reads back what it printed of $what, to half a percent, or a percent of a time',
    ({ format, parse, values, share = 0.0051 }) => {
      fc.assert(
        fc.property(values, (value) => {
          const back = parse(format(value));
          expect(Math.abs(back - value)).toBeLessThanOrEqual(Math.max(share * value, 0.001));
        }),
      );
    },
  );
  it.each(laws)('prints $what that it read back the same way', ({ format, parse, values }) => {
    fc.assert(
      fc.property(values, (value) => {
        expect(format(parse(format(value)))).toBe(format(value));
      }),
    );
  });
  it('keeps a whole number of any unit exact', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 0, max: 4 }), (count, power) => {
        expect(parseSize(formatSize(count * 1024 ** power))).toBe(count * 1024 ** power);
      }),
    );
  });
});
