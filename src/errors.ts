/** Where a domain is when a call about it has ended; `ended`: the guest itself is no more. */
export type Where = 'source' | 'destination' | 'ended' | 'unknown';

/**
 * The closed list of error codes. Messages may change between releases, codes do not.
 * The native side has the same names without the prefix (native/core/error.h).
 */
export const errorCodes = [
  /** The caller passed something that can never work. */
  'ERR_VMBUDDIES_ARGUMENT',
  /** A call that is not legal in the present state. */
  'ERR_VMBUDDIES_STATE',
  'ERR_VMBUDDIES_DOMAIN_NOT_FOUND',
  /** The name is taken. */
  'ERR_VMBUDDIES_DOMAIN_EXISTS',
  /** The guest ended while it was being worked on. */
  'ERR_VMBUDDIES_DOMAIN_GONE',
  /** Somebody else owns this domain's dirty log. */
  'ERR_VMBUDDIES_DIRTY_LOG_BUSY',
  /** The dirty log failed: what it says can no longer be trusted. */
  'ERR_VMBUDDIES_DIRTY_LOG',
  /** The guest did not stop in time; it runs on. */
  'ERR_VMBUDDIES_SUSPEND',
  /** Memory could not be had or mapped. */
  'ERR_VMBUDDIES_MEMORY',
  /** The connection to the other side broke, or nobody answered. */
  'ERR_VMBUDDIES_PEER',
  /** The other side said no; the message says why. */
  'ERR_VMBUDDIES_PEER_REFUSED',
  /** The bytes from the other side are not a valid stream. */
  'ERR_VMBUDDIES_STREAM',
  /** No progress within the allowed time. */
  'ERR_VMBUDDIES_DEADLINE',
  /** This machine lacks what the call needs; the message says what to install or to switch on. */
  'ERR_VMBUDDIES_UNAVAILABLE',
  /** The record of a decision could not be written or read. */
  'ERR_VMBUDDIES_JOURNAL',
  /** The plan does not meet a limit that was asked for. Nothing was moved. */
  'ERR_VMBUDDIES_REFUSED',
  /** An operating system call failed; see `errno`. */
  'ERR_VMBUDDIES_SYSTEM',
] as const;

export type VmbuddiesErrorCode = (typeof errorCodes)[number];

export interface VmbuddiesErrorDetails {
  readonly cause?: unknown;
  /** The step that failed, for example `suspend` or `connect`. */
  readonly operation?: string;
  /** Name of the domain it failed for. */
  readonly domain?: string;
  /** Where that domain runs now. */
  readonly where?: Where;
  /** The operating system's error number, where there is one. */
  readonly errno?: number;
}

/** An error as JSON has it: what is not known is null. */
export interface VmbuddiesErrorReport {
  readonly code: VmbuddiesErrorCode;
  readonly message: string;
  readonly operation: string | null;
  readonly domain: string | null;
  readonly where: Where | null;
  readonly errno: number | null;
  /** What led to it, which may have a cause in turn. */
  readonly cause: unknown;
}

/** Every failure this package reports, apart from a caller's own `AbortSignal` reason. */
export class VmbuddiesError extends Error {
  override readonly name = 'VmbuddiesError';
  readonly code: VmbuddiesErrorCode;
  readonly operation: string | undefined;
  readonly domain: string | undefined;
  readonly where: Where | undefined;
  readonly errno: number | undefined;

  constructor(code: VmbuddiesErrorCode, message: string, details?: VmbuddiesErrorDetails) {
    // Whatever it is made of: an error that fails while it is made hides the one it was to tell.
    const given: VmbuddiesErrorDetails = Object(details);
    super(String(message), 'cause' in given ? { cause: given.cause } : undefined);
    this.code = code;
    this.operation = given.operation;
    this.domain = given.domain;
    this.where = given.where;
    this.errno = given.errno;
  }

  toJSON(): VmbuddiesErrorReport {
    return {
      code: this.code,
      message: this.message,
      operation: this.operation ?? null,
      domain: this.domain ?? null,
      where: this.where ?? null,
      errno: this.errno ?? null,
      cause: causeReport(this.cause),
    };
  }

  /** What a native call threw, as a VmbuddiesError; anything else is kept as the cause of ERR_VMBUDDIES_SYSTEM. */
  static from(thrown: unknown, details: VmbuddiesErrorDetails = {}): VmbuddiesError {
    if (thrown instanceof VmbuddiesError) return thrown;
    const native = thrown as { code?: unknown; message?: unknown; operation?: string; errno?: number; where?: Where };
    const code = errorCodes.find((known) => known === native?.code) ?? 'ERR_VMBUDDIES_SYSTEM';
    return new VmbuddiesError(code, String(native?.message ?? thrown), {
      ...(typeof native?.operation === 'string' && { operation: native.operation }),
      ...(typeof native?.errno === 'number' && native.errno !== 0 && { errno: native.errno }),
      ...(typeof native?.where === 'string' && { where: native.where }),
      ...details,
      cause: thrown,
    });
  }
}

/** Anything may be thrown, and a cause may lead back to itself. */
function causeReport(cause: unknown, depth = 0): unknown {
  if (cause === undefined || cause === null || depth > 8) return null;
  if (!(cause instanceof Error)) return String(cause);
  const { name, message } = cause;
  const { code } = cause as { code?: unknown };
  return { name, code: typeof code === 'string' ? code : null, message, cause: causeReport(cause.cause, depth + 1) };
}
