import { VmbuddiesError } from '../errors.ts';
import type { NativeMigration } from '../native/migration-contract.ts';
import { type EngineEvent, type EngineOutcome, giveUpAfterMs, type MigrationEngine } from './engine.ts';
import { call, callNow } from './native-call.ts';

/** A budget of so many seconds bounds nothing. */
const longestPauseSeconds = 1e6;

/** What the native side is told of a budget; 0: the pause has no limit. */
export function maxPauseSeconds(maxDowntimeMs: number | null): number {
  const seconds = maxDowntimeMs === null ? 0 : giveUpAfterMs(maxDowntimeMs) / 1000;
  return seconds > longestPauseSeconds ? 0 : seconds;
}

/** A native migration that is opened when it is run. What it is told before that is kept for it. */
export class NativeEngine implements MigrationEngine {
  readonly #domain: string;
  readonly #open: () => Promise<NativeMigration>;
  readonly #early: ((migration: NativeMigration) => void)[] = [];
  #ran = false;
  #migration: NativeMigration | null = null;

  constructor(domain: string, open: () => Promise<NativeMigration>) {
    this.#domain = domain;
    this.#open = open;
  }

  run(onEvent: (event: EngineEvent) => void): Promise<EngineOutcome> {
    return call(this.#domain, async () => {
      if (this.#ran) throw this.#ranBefore();
      this.#ran = true;
      const migration = await this.#open();
      for (const command of this.#early) command(migration);
      this.#migration = migration;
      return await migration.run(onEvent);
    });
  }

  begin(bytesPerSecond: number): void {
    this.#tell((migration) => {
      migration.setRate(bytesPerSecond);
      migration.begin();
    });
  }

  setRate(bytesPerSecond: number): void {
    this.#tell((migration) => migration.setRate(bytesPerSecond));
  }

  catchUp(): void {
    this.#tell((migration) => migration.catchUp());
  }

  stopAndCopy(): void {
    this.#tell((migration) => migration.stopAndCopy());
  }

  pledge(): boolean {
    return this.#migration !== null && callNow(this.#domain, () => this.#migration!.pledge());
  }

  commit(): void {
    this.#tell((migration) => migration.commit());
  }

  abort(): void {
    this.#tell((migration) => migration.abort());
  }

  #ranBefore(): VmbuddiesError {
    const domain = this.#domain;
    return new VmbuddiesError('ERR_VMBUDDIES_STATE', 'this migration has been run before', {
      operation: 'run',
      domain,
    });
  }

  #tell(command: (migration: NativeMigration) => void): void {
    if (this.#migration) callNow(this.#domain, () => command(this.#migration!));
    else this.#early.push(command);
  }
}
