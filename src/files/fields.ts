/** What stands in files: quantities with their units, names, and sections that know their keys. */
import * as z from 'zod';
import { parseDuration, parseFrequency, parseRate, parseSize } from '../units.ts';
import { suggestion } from './nearest.ts';

/** A text with a unit, or a number in the unit that is meant where there is none. */
function quantity(parse: (text: string) => number, what: string, bare: string, examples: readonly string[]) {
  const wanted = `must be ${what} such as ${examples[0]}, or a number of ${bare}`;
  return z
    .union([z.number().min(0), z.string().meta({ examples: [...examples] })], {
      error: ({ input }) => (input === undefined ? 'is missing' : wanted),
    })
    .transform((value, context) => {
      if (typeof value === 'number') return value;
      try {
        return parse(value);
      } catch (error) {
        context.addIssue((error as Error).message);
        return z.NEVER;
      }
    })
    .describe(`${what}, or a number of ${bare}`);
}

/** Bytes. */
export const size = quantity(parseSize, 'a size', 'bytes', ['256MiB', '1GiB']);
/** Bytes per second; Infinity for `unlimited`. */
export const rate = quantity(parseRate, 'a rate', 'bytes per second', ['40Mbit/s', '5MB/s']);
/** Milliseconds. */
export const duration = quantity(parseDuration, 'a time', 'milliseconds', ['20ms', '1s']);
/** Times per second. */
export const frequency = quantity(parseFrequency, 'a number per second', 'times per second', ['4000/s']);
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

/** A line for each, for `validate` tells them one by one. */
function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  return keys.map((key) => `there is no key '${key}' here${suggestion(key, known)}`).join('\n');
}
