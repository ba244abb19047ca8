import { requireAtLeast, requirePositive } from '../model/check.ts';
import type { PhaseChange } from '../phase/change-detector.ts';
import { type Expectation, type Forecast, ninetyPercent, nothingKnown } from './expectation.ts';
import { meanOf, type Stretch, secondsOf } from './stretch.ts';

/** So much is the next window taken to differ from the last as long as no two have been seen (as a logarithm). */
const unknownChange = 0.3;

/**
 * Predicts an irregular series by windows of fixed length (§3.4, Fig. 6b): the next will be as the last one was, give or
 * take what windows have differed by so far.
 */
export class WindowForecast implements Forecast {
  readonly #windowSeconds: number;
  readonly #windows: number[] = [];
  #last: Stretch[] = [];
  #observations = 0;

  /** @throws VmbuddiesError ERR_VMBUDDIES_ARGUMENT for a window that is not above 0 */
  constructor(windowSeconds: number) {
    requirePositive('windowSeconds', windowSeconds);
    this.#windowSeconds = windowSeconds;
  }

  /** The mean of the last full window, or of what there is of the first. */
  get level(): number {
    return this.#windows.at(-1) ?? (this.#last.length > 0 ? meanOf(this.#last) : 0);
  }

  /** Every window is a phase of its own. */
  add(mean: number, seconds: number): PhaseChange | null {
    requireAtLeast('mean', mean, 0);
    requireAtLeast('seconds', seconds, 0);
    if (seconds === 0) return null;
    this.#last.push({ mean, seconds });
    this.#observations++;
    if (secondsOf(this.#last) < this.#windowSeconds) return null;
    const before = this.#windows.at(-1);
    const after = meanOf(this.#last);
    const at = this.#observations - this.#last.length;
    this.#windows.push(after);
    this.#last = [];
    return before === undefined ? null : { at, before, after };
  }

  next(seconds: number): Expectation {
    requirePositive('seconds', seconds);
    if (this.#windows.length === 0 && this.#last.length === 0) return nothingKnown;
    const mean = this.level;
    const factor = Math.exp(ninetyPercent * this.#typicalChange());
    return { mean, low: mean / factor, high: mean * factor, basis: 'window', switchInSeconds: null };
  }

  #typicalChange(): number {
    const changes = this.#windows
      .slice(1)
      .map((mean, index) => Math.log(Math.max(mean, 1) / Math.max(this.#windows[index]!, 1)));
    if (changes.length === 0) return unknownChange;
    return Math.sqrt(changes.reduce((sum, change) => sum + change * change, 0) / changes.length);
  }
}
