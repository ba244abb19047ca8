import type { Timer, VirtualClock } from './virtual-clock.ts';

/** Thrown out of every wait once the migration was told to abort. */
export class Aborted extends Error {}

/** What a simulated migration has been told, and where it waits to be told. The counterpart of native/core/control.h. */
export class Orders {
  bytesPerSecond = Number.POSITIVE_INFINITY;
  begin = false;
  catchUps = 0;
  stopAndCopy = false;
  commit = false;
  readonly #clock: VirtualClock;
  #broken: Error | null = null;
  #wake: () => void = () => {};

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Ends every wait, now and later, with this error; the first one counts. */
  break(error: Error): void {
    this.#broken ??= error;
    this.#wake();
  }

  get broken(): boolean {
    return this.#broken !== null;
  }

  throwIfBroken(): void {
    if (this.#broken) throw this.#broken;
  }

  /** Waits for so many seconds. */
  async pause(seconds: number): Promise<void> {
    await this.until(() => false, seconds);
  }

  /** Waits until `satisfied()`, which is asked whenever somebody wakes this, or for so many seconds. */
  async until(satisfied: () => boolean, seconds = Number.POSITIVE_INFINITY): Promise<void> {
    this.throwIfBroken();
    if (satisfied() || seconds <= 0) return;
    await new Promise<void>((resolve) => {
      let timer: Timer | null = null;
      const end = () => {
        timer?.cancel();
        this.#wake = () => {};
        resolve();
      };
      if (Number.isFinite(seconds)) timer = this.#clock.after(seconds, end);
      this.#wake = () => {
        if (this.#broken || satisfied()) end();
      };
    });
    this.throwIfBroken();
  }

  /** Lets whoever waits look again: something has changed. */
  wake(): void {
    this.#wake();
  }
}
