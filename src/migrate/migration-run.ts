import type { GroupOutcome } from '../arbitrate/group-outcome.ts';
import type { Domain, Round, StopRuleName } from '../domains/domain.ts';
import { requireObject } from '../model/check.ts';
import type { GroupOptions } from './group-options.ts';
import { GroupRun } from './group-run.ts';
import type { GroupStatus } from './status.ts';

export interface MigrationOptions extends Omit<GroupOptions, 'linkBytesPerSecond' | 'strategy' | 'profileMs'> {
  /** Default: no limit. */
  readonly bytesPerSecond?: number;
  /** Default `converged`. */
  readonly stopRule?: StopRuleName;
}

/** One domain's migration under way: await `result`, or iterate over its rounds as they end. */
export class MigrationRun implements AsyncIterable<Round>, AsyncDisposable {
  /** Settles once, with an outcome even when the migration failed or was aborted. */
  readonly result: Promise<GroupOutcome>;
  readonly #group: GroupRun;

  constructor(domain: Domain, wanted: MigrationOptions) {
    requireObject('options', wanted);
    const { bytesPerSecond = Infinity, stopRule = 'converged', ...options } = wanted;
    this.#group = new GroupRun([domain], {
      ...options,
      stopRule,
      linkBytesPerSecond: bytesPerSecond,
      strategy: 'equal',
    });
    this.result = this.#group.result;
  }

  /** In force at once; Infinity for no limit. @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT */
  setRate(bytesPerSecond: number): void {
    this.#group.setLink(bytesPerSecond);
  }

  abort(reason?: string): void {
    this.#group.abort(reason);
  }

  /** How far it is now, as a group of one. */
  status(): GroupStatus {
    return this.#group.status();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Round, void, undefined> {
    for await (const event of this.#group) if (event.type === 'round') yield event.round;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#group[Symbol.asyncDispose]();
  }
}

/** Moves one domain to a receiver. @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT, or the signal's reason */
export function migrate(domain: Domain, options: MigrationOptions): MigrationRun {
  return new MigrationRun(domain, options);
}
