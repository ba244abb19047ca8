/** Checks of arguments: what every public function does before anything else. */
import { VmbuddiesError } from '../errors.ts';

/** An argument that can never work. */
export function argumentError(message: string): VmbuddiesError {
  return new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', message);
}

/** Throws unless `value` is a finite number above zero. */
export function requirePositive(name: string, value: number): void {
  if (!(isFiniteNumber(value) && value > 0)) {
    throw argumentError(`${name} must be a finite number above zero, not ${shown(value)}`);
  }
}

/** Throws unless `value` is a finite number of `minimum` or more. */
export function requireAtLeast(name: string, value: number, minimum: number): void {
  if (!(isFiniteNumber(value) && value >= minimum)) {
    throw argumentError(`${name} must be a finite number of at least ${minimum}, not ${shown(value)}`);
  }
}

/** Throws unless `value` is an integer in [minimum, maximum]. */
export function requireInteger(name: string, value: number, minimum: number, maximum: number): void {
  if (!(Number.isInteger(value) && value >= minimum && value <= maximum)) {
    throw argumentError(`${name} must be an integer in [${minimum}, ${maximum}], not ${shown(value)}`);
  }
}

/** Throws unless `value` is an object whose properties can be read: not null, not a list. */
export function requireObject(name: string, value: object): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw argumentError(`${name} must be an object, not ${shown(value)}`);
  }
}

/** Throws unless `value` is an array, a typed one included. */
export function requireList(name: string, value: readonly unknown[]): void {
  if (!(Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView)))) {
    throw argumentError(`${name} must be a list, not ${shown(value)}`);
  }
}

/** Throws unless `value` is an array of objects. */
export function requireObjects(name: string, value: readonly object[]): void {
  requireList(name, value);
  for (const [index, entry] of value.entries()) requireObject(`${name}[${index}]`, entry);
}

/** Throws unless `value` is text that is not empty. */
export function requireText(name: string, value: string): void {
  if (typeof value !== 'string' || value === '') throw argumentError(`${name} must be text, not ${shown(value)}`);
}

/** 100 years, in milliseconds: a longer wait is a slip. */
export const maxDurationMs = 100 * 365.25 * 24 * 3600e3;

/** Throws unless `value` is a time of at least `minimumMs`, more than 0 in any case, and at most {@link maxDurationMs}. */
export function requireDuration(name: string, value: number, minimumMs = 0): void {
  if (isFiniteNumber(value) && value > 0 && value >= minimumMs && value <= maxDurationMs) return;
  const least = minimumMs > 0 ? `from ${minimumMs} on` : 'more than 0';
  throw argumentError(`${name} must be ${least} and at most 100 years (${maxDurationMs}), not ${shown(value)}`);
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** A value as a message shows it: never `[object Object]`, never long, and never one that fails to be shown. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'empty text' : `"${value.slice(0, 40)}"`;
  if (value === null || typeof value !== 'object') return typeof value === 'function' ? 'a function' : String(value);
  return Array.isArray(value) ? 'a list' : 'an object';
}
