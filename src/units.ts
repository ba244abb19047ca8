/**
 * Sizes, rates and times as people write them. Inside the package every quantity is a plain number whose unit stands
 * in its name; text with units exists only at the edge, and this is that edge.
 *
 * A bare number is always refused: `xl mem-set` reads one as KiB, others read it as bytes or MiB, and a migration
 * planned with the wrong one goes wrong quietly.
 */
import { VmbuddiesError } from './errors.ts';
import { maxDurationMs } from './model/check.ts';

/** Bytes (or bytes per second, or milliseconds) in one of each unit; the first spelling is the one we print. */
type Units = readonly (readonly [factor: number, ...spellings: string[]])[];

/** Spellings are matched without regard to case. Single letters are xl's, and binary as there. */
const sizeUnits: Units = [
  [1, 'B'],
  [2 ** 10, 'KiB', 'k'],
  [2 ** 20, 'MiB', 'm'],
  [2 ** 30, 'GiB', 'g'],
  [2 ** 40, 'TiB', 't'],
  [1e3, 'kB'],
  [1e6, 'MB'],
  [1e9, 'GB'],
  [1e12, 'TB'],
  [4096, 'pages', 'page'],
];

/** In bits, as links are sold. */
const bitRateUnits: Units = [
  [1 / 8, 'bit/s', 'bit', 'bps'],
  [1e3 / 8, 'kbit/s', 'kbit', 'kbps'],
  [1e6 / 8, 'Mbit/s', 'Mbit', 'Mbps'],
  [1e9 / 8, 'Gbit/s', 'Gbit', 'Gbps'],
];
const byteRateUnits: Units = sizeUnits.map(([factor, name]) => [factor, `${name}/s`] as const);

const durationUnits: Units = [
  [1, 'ms'],
  [1e3, 's'],
  [60e3, 'min'],
  [3600e3, 'h'],
];

/**
 * `256MiB`, `1.5GiB`, `4096B`, `1GB` (10^9), `2048m` (as in xl: MiB) → whole bytes.
 * @throws VmbuddiesError `ERR_VMBUDDIES_ARGUMENT`
 */
export function parseSize(text: string): number {
  const bytes = Math.round(parse(text, sizeUnits, 'size', 'xl would read it as KiB, others as bytes; write 256MiB'));
  if (!Number.isSafeInteger(bytes)) throw argument(`'${text}' is larger than any memory`);
  return bytes;
}

/**
 * `400Mbit/s`, `40Mbit`, `1Gbps`, `50MB/s`, `48MiB/s`, or `unlimited` (Infinity) → bytes per second.
 * `Mb/s` is refused: half of its readers take it for bits, the other half for bytes. So is zero.
 * @throws VmbuddiesError `ERR_VMBUDDIES_ARGUMENT`
 */
export function parseRate(text: string): number {
  if (text.trim().toLowerCase() === 'unlimited') return Number.POSITIVE_INFINITY;
  const prefix = /[\d.]\s*([kMGT]?)b\/s$/i.exec(text.trim());
  if (prefix !== null && !text.trim().endsWith('B/s')) {
    throw argument(`'${text}' can mean bits or bytes; write ${prefix[1]}bit/s or ${prefix[1]}B/s`);
  }
  const rate = parse(
    text,
    [...bitRateUnits, ...byteRateUnits],
    'rate',
    'is it bits or bytes? Write 400Mbit/s or 50MB/s',
  );
  if (rate === 0) throw argument(`a rate of zero moves nothing; write a rate above zero, or 'unlimited'`);
  return rate;
}

/**
 * `300ms`, `1s`, `2min`, `1h`, `1h 30min` → milliseconds; no more than 100 years of them.
 * @throws VmbuddiesError `ERR_VMBUDDIES_ARGUMENT`
 */
export function parseDuration(text: string): number {
  const parts = text.trim().split(/(?<=[a-z])\s*(?=\d)/i);
  const hint = 'is it seconds or milliseconds? Write 300ms or 1s';
  const ms = parts.reduce((sum, part) => sum + parse(part, durationUnits, 'time', hint), 0);
  if (ms > maxDurationMs) throw argument(`'${text}' is longer than 100 years`);
  return ms;
}

/**
 * `20000/s`, `609 pages/s` → how often something happens per second.
 * @throws VmbuddiesError `ERR_VMBUDDIES_ARGUMENT`
 */
export function parseFrequency(text: string): number {
  return parse(text, [[1, '/s', 'pages/s', 'writes/s']], 'number per second', 'per what? Write 500/s');
}

/** 268435456 → `256 MiB`: binary units, three digits. `parseSize` reads it back. */
export function formatSize(bytes: number): string {
  return format(bytes, sizeUnits.slice(0, 5));
}

/** 5e7 → `400 Mbit/s`; Infinity → `unlimited`. `parseRate` reads it back. */
export function formatRate(bytesPerSecond: number): string {
  return bytesPerSecond === Number.POSITIVE_INFINITY ? 'unlimited' : format(bytesPerSecond, bitRateUnits);
}

/**
 * 300 → `300 ms`, 59900 → `59.9 s`, 119000 → `1 min 59 s`, 5400000 → `1 h 30 min`: three digits below a minute, whole
 * seconds below an hour, whole minutes from then on. `parseDuration` reads it back.
 */
export function formatDuration(ms: number): string {
  if (threeDigits(ms / 1e3) < 60) return format(ms, durationUnits.slice(0, 2));
  const seconds = Math.round(ms / 1e3);
  if (seconds < 3600) return twoUnits(seconds, 'min', 's');
  return twoUnits(Math.round(ms / 60e3), 'h', 'min');
}

function twoUnits(count: number, larger: string, smaller: string): string {
  const rest = count % 60;
  return `${Math.floor(count / 60)} ${larger}${rest === 0 ? '' : ` ${rest} ${smaller}`}`;
}

function parse(text: string, units: Units, what: string, bareHint: string): number {
  const found = /^(\d+(?:\.\d+)?|\.\d+)\s*(\D*)$/.exec(text.trim());
  if (found === null) throw argument(`'${text}' is not a ${what}; ${examplesOf(units)}`);
  const [, number, spelling] = found;
  if (spelling === '') throw argument(`'${text}' has no unit: ${bareHint}`);
  const unit = units.find(([, ...names]) => names.some((name) => name.toLowerCase() === spelling?.toLowerCase()));
  if (unit === undefined) throw argument(`'${spelling}' in '${text}' is not a unit of a ${what}; ${examplesOf(units)}`);
  const value = Number(number) * unit[0];
  if (!Number.isFinite(value)) throw argument(`'${text}' is too large`);
  return value;
}

/** In the largest unit of which there is at least one, judged on what is printed: 1023.99 KiB is 1 MiB. */
function format(value: number, units: Units): string {
  const unitFor = (amount: number) => units.findLast(([factor]) => threeDigits(amount / factor) >= 1) ?? units[0]!;
  const [roundedIn] = unitFor(value);
  const rounded = threeDigits(value / roundedIn) * roundedIn;
  const [factor, name] = unitFor(rounded);
  return `${threeDigits(rounded / factor)} ${name}`;
}

/** Three significant digits, but never fewer than the whole number has, and no finer than a thousandth. */
function threeDigits(value: number): number {
  if (value >= 100) return Math.round(value);
  return value < 0.001 ? 0 : Number(value.toPrecision(3));
}

function examplesOf(units: Units): string {
  return `known units: ${units.map(([, name]) => name).join(', ')}`;
}

function argument(message: string): VmbuddiesError {
  return new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', message);
}
