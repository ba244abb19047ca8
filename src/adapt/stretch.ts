/** A time during which a series had this mean. */
export interface Stretch {
  readonly seconds: number;
  readonly mean: number;
}

export function secondsOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** The mean of stretches, each counted for as long as it lasted. */
export function meanOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { mean, seconds }) => sum + mean * seconds, 0) / secondsOf(stretches);
}
