import { VmbuddiesError } from '../errors.ts';
import type { GuestMemory } from './guest-memory.ts';
import type { VirtualClock } from './virtual-clock.ts';

export type GuestPlace = 'source' | 'destination';

/**
 * The truth about one simulated guest: what stands at its source, what at its destination, and which of the two runs.
 * Should ever both run, the simulation ends with an error: the protocol's first law is broken.
 */
export class Guest {
  readonly name: string;
  readonly memory: GuestMemory;
  readonly #clock: VirtualClock;
  readonly #onMove: () => void;
  #source: 'running' | 'suspended' | 'gone' = 'running';
  #copy: 'none' | 'received' | 'running' = 'none';

  /** `onMove` is called whenever the guest starts or stops anywhere. */
  constructor(name: string, memory: GuestMemory, clock: VirtualClock, onMove: () => void) {
    this.name = name;
    this.memory = memory;
    this.#clock = clock;
    this.#onMove = onMove;
  }

  /** Where it runs; null while it stands still, or when it is no more. */
  get runsAt(): GuestPlace | null {
    if (this.#copy === 'running') return 'destination';
    return this.#source === 'running' ? 'source' : null;
  }

  get atSource(): 'running' | 'suspended' | 'gone' {
    return this.#source;
  }

  requireSource(operation: string): void {
    if (this.#source !== 'gone') return;
    throw new VmbuddiesError('ERR_VMBUDDIES_DOMAIN_GONE', `the guest of ${this.name} has ended`, {
      operation,
      domain: this.name,
    });
  }

  suspend(): void {
    this.requireSource('suspend');
    this.#source = 'suspended';
    this.#moved();
  }

  resume(): void {
    this.requireSource('resume');
    this.#source = 'running';
    this.#moved();
  }

  endSource(): void {
    this.#source = 'gone';
    this.#moved();
  }

  /** The destination holds all of it. */
  receive(): void {
    this.#copy = 'received';
  }

  /** If there is one to start. */
  startCopy(): void {
    if (this.#copy === 'received') this.#copy = 'running';
    this.#moved();
  }

  endCopy(): void {
    this.#copy = 'none';
    this.#moved();
  }

  #moved(): void {
    const { now } = this.#clock;
    if (this.#source === 'running' && this.#copy === 'running') {
      this.#clock.stop(new Error(`both copies of ${this.name} run at ${now} s`));
    }
    if (this.runsAt === null) this.memory.suspend(now);
    else this.memory.resume(now);
    this.#onMove();
  }
}
