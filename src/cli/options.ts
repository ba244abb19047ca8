/** Reading command-line arguments: each parser throws commander's own error, so that bad usage is one line and exit 2. */
import { InvalidArgumentError, Option } from 'commander';
import { VmbuddiesError } from '../index.ts';
import { formatDuration, parseDuration, parseFrequency, parseRate, parseSize } from '../units.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export const size = reading(parseSize);
export const someSize = reading((text) => aboveZero(parseSize(text), text));
export const rate = reading(parseRate);
/** Of a link that a prediction divides. */
export const limitedRate = reading((text) => {
  const value = parseRate(text);
  if (!Number.isFinite(value)) throw bad('a prediction needs a limited link');
  return value;
});
export const frequency = reading(parseFrequency);
export const time = reading(parseDuration);
export const someTime = reading((text) => aboveZero(parseDuration(text), text));

/** A time within these bounds, in milliseconds. */
export function timeBetween(minMs: number, maxMs: number): (text: string) => number {
  return reading((text) => {
    const value = parseDuration(text);
    if (value >= minMs && value <= maxMs) return value;
    throw bad(`'${text}' must be from ${formatDuration(minMs)} to ${formatDuration(maxMs)}`);
  });
}

export const wholeNumber = reading(parseWholeNumber);
export const someNumber = reading((text) => aboveZero(parseWholeNumber(text), text));

/** 0 to 1. */
export const share = reading((text) => {
  const value = /^(\d+(\.\d+)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 0 && value <= 1)) throw bad(`'${text}' is not a share from 0 to 1`);
  return value;
});

/** `HOST:PORT` to listen on; an IPv6 address in brackets, with its zone where it needs one: `[fe80::1%eth0]:7070`. */
export const endpoint = reading((text): Endpoint => {
  const [, bracketed, plain, digits] = /^(?:\[([\da-fA-F:.]+(?:%[\w.-]+)?)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535) throw bad(`'${text}' is not HOST:PORT, as in 127.0.0.1:7070`);
  return { host, port };
});

/** `HOST:PORT` or a host as ssh takes it; which of them it must be depends on the domains. */
export const destination = reading((text) => {
  if (!/^[^\s-]\S*$/.test(text)) throw bad(`'${text}' is neither HOST:PORT nor a host as ssh takes it`);
  return text;
});

/** Collects `DOMAIN…`; naming one twice is a slip that would otherwise fail halfway. */
export function domainNames(name: string, earlier: readonly string[] | undefined): string[] {
  if (name === '') throw new InvalidArgumentError('a domain has a name.');
  if (earlier?.includes(name)) throw new InvalidArgumentError(`${name} is named twice.`);
  return [...(earlier ?? []), name];
}

/** An option whose default is shown the way a person would write it. */
export function optionWithDefault(
  flags: string,
  description: string,
  parse: (text: string) => unknown,
  standard: string,
): Option {
  return new Option(flags, description).argParser(parse).default(parse(standard), standard);
}

/** A parser whose complaint commander shows as bad usage. */
export function reading<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(`${(error as Error).message}.`);
    }
  };
}

function parseWholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw bad(`'${text}' is not a whole number from 0 on`);
  return Number(text);
}

function aboveZero(value: number, text: string): number {
  if (value === 0) throw bad(`'${text}' must be above zero`);
  return value;
}

function bad(message: string): VmbuddiesError {
  return new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', message);
}

/** The budget of the pause, of whatever moves or would move. */
export function maxDowntimeOption(): Option {
  const effect =
    'abort rather than pause a guest for longer than this: before it is suspended if the predicted pause is longer, ' +
    'and afterwards once it has stood still for so long, plus at most 100 ms, unless COMMIT is recorded by then; a budget makes no pause longer';
  return new Option('--max-downtime <time>', effect).argParser(someTime);
}
