/** Numbers uniform in [0, 1), the same for the same seed. */
export type Random = () => number;

/** mulberry32: 32 bits of state, enough to vary the starts of a search and to repeat them. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The numbers from 0 to `count` - 1 in random order. */
export function shuffledIndices(count: number, random: Random): number[] {
  const indices = Array.from({ length: count }, (_, index) => index);
  for (let end = count - 1; end > 0; end--) {
    const chosen = Math.floor(random() * (end + 1));
    [indices[end], indices[chosen]] = [indices[chosen]!, indices[end]!];
  }
  return indices;
}

/** A standard normal number (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
