/** What stands in files: quantities with their units, names, and sections that know their keys. */
import * as z from 'zod';
import {
  maxBytesPerSecond,
  maxProfileMs,
  maxTimeMs,
  maxWritesPerSecond,
  minLinkBytesPerSecond,
  minTimeMs,
} from '../simulate/limits.ts';
import { parseDuration, parseFrequency, parseRate, parseSize } from '../units.ts';
import { suggestion } from './nearest.ts';

interface Quantity {
  readonly parse: (text: string) => number;
  readonly what: string;
  readonly bare: string;
  readonly examples: readonly string[];
  /** What the value must be within, and how that is said. */
  readonly holds: (value: number) => boolean;
  readonly range: string;
}

/** A text with a unit, or a number in the unit that is meant where there is none. */
function quantity({ parse, what, bare, examples, holds, range }: Quantity) {
  const wanted = `must be ${what} such as ${examples[0]}, or a number of ${bare}`;
  return z
    .union([z.number().min(0), z.string().meta({ examples: [...examples] })], {
      error: ({ input }) => (input === undefined ? 'is missing' : wanted),
    })
    .transform((value, context) => {
      try {
        const parsed = typeof value === 'number' ? value : parse(value);
        if (holds(parsed)) return parsed;
        context.addIssue(range);
      } catch (error) {
        context.addIssue((error as Error).message);
      }
      return z.NEVER;
    })
    .describe(`${what}, or a number of ${bare}`);
}

/** Bytes: whole ones, as many as can be counted. */
export const size = quantity({
  parse: parseSize,
  what: 'a size',
  bare: 'bytes',
  examples: ['256MiB', '1GiB'],
  holds: (bytes) => bytes <= Number.MAX_SAFE_INTEGER,
  range: 'is larger than any memory',
});

const rateOf = (holds: (value: number) => boolean, range: string) =>
  quantity({
    parse: parseRate,
    what: 'a rate',
    bare: 'bytes per second',
    examples: ['40Mbit/s', '5MB/s'],
    holds,
    range,
  });

/** Bytes per second, limited. */
export const rate = rateOf((value) => value <= maxBytesPerSecond, 'must be limited, to at most 1000TB/s');
/** Of a link. */
export const linkRate = rateOf(
  (value) => value >= minLinkBytesPerSecond && value <= maxBytesPerSecond,
  'must be limited, from 1B/s to 1000TB/s',
);

const durationOf = (holds: (ms: number) => boolean, range: string) =>
  quantity({ parse: parseDuration, what: 'a time', bare: 'milliseconds', examples: ['20ms', '1s'], holds, range });

/** Milliseconds. */
export const duration = durationOf((ms) => ms <= maxTimeMs, 'must be at most a year, 8784h');
/** Milliseconds, more than none. */
export const someTime = durationOf((ms) => ms >= minTimeMs && ms <= maxTimeMs, 'must be from 0.001ms to a year, 8784h');
/** Of a workload: a guest looks no more often than this. */
export const period = durationOf((ms) => ms >= 1 && ms <= maxTimeMs, 'must be from 1ms to a year, 8784h');
/** Of measuring. */
export const profileTime = durationOf((ms) => ms >= 1 && ms <= maxProfileMs, 'must be from 1ms to 1h');
/** Times per second. */
export const frequency = quantity({
  parse: parseFrequency,
  what: 'a number per second',
  bare: 'times per second',
  examples: ['4000/s'],
  holds: (perSecond) => perSecond <= maxWritesPerSecond,
  range: 'must be at most 1000000000/s',
});
/** 0 to 1. */
export const share = z.number().min(0).max(1);

/** What a domain or a tier may be called. */
export const name = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'must begin with a letter or a digit, followed by up to 63 of those and . _ -');

/** A map whose keys are all known: any other is refused, with the one that may have been meant. */
export function section<Shape extends z.core.$ZodShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys, known) : undefined),
  });
}

/** Of so many keys it is said what they may have been meant to be; more are one mistake repeated. */
const maxSuggestions = 50;

/** A line for each, for `validate` tells them one by one. */
function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  return keys
    .map((key, at) => `there is no key '${key}' here${at < maxSuggestions ? suggestion(key, known) : ''}`)
    .join('\n');
}
