/**
 * A wrong argument to one of the pure functions: a `RangeError` that carries the project's code, so that callers
 * tell it apart by `code` without this ring knowing the error class of the outer ones.
 */
export function argumentError(message: string): RangeError & { readonly code: 'ERR_VMBUDDIES_ARGUMENT' } {
  return Object.assign(new RangeError(message), { code: 'ERR_VMBUDDIES_ARGUMENT' as const });
}

/** Throws unless `value` is a finite number above zero. */
export function requirePositive(name: string, value: number): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw argumentError(`${name} must be a finite number above zero, not ${value}`);
  }
}

/** Throws unless `value` is a finite number of `minimum` or more. */
export function requireAtLeast(name: string, value: number, minimum: number): void {
  if (!(value >= minimum && value < Number.POSITIVE_INFINITY)) {
    throw argumentError(`${name} must be a finite number of at least ${minimum}, not ${value}`);
  }
}

/** Throws unless `value` is an integer in [minimum, maximum]. */
export function requireInteger(name: string, value: number, minimum: number, maximum: number): void {
  if (!(Number.isInteger(value) && value >= minimum && value <= maximum)) {
    throw argumentError(`${name} must be an integer in [${minimum}, ${maximum}], not ${value}`);
  }
}
