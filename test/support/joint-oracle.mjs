// The least that any groups within a limit split, in any order: by definition, from the flows alone. Shares no code with
// src/group, and is told nothing but the application and the limit.

/**
 * @param {{ domains: { migrationBytes: number }[], flows: { from: number, to: number, bytesPerSecond: number }[] }} application
 * @param {{ cap: number, weights: number[], groups: number | null }} limit
 * @param {number} linkBytesPerSecond
 * @returns {number}
 */
export function leastSplitBytes({ domains, flows }, { cap, weights, groups }, linkBytesPerSecond) {
  const all = 2 ** domains.length - 1;
  const has = (set, domain) => Math.floor(set / 2 ** domain) % 2 === 1;
  const total = (set, values) => values.reduce((sum, value, domain) => (has(set, domain) ? sum + value : sum), 0);
  const sets = Array.from({ length: all + 1 }, (_, set) => set);
  const fits = sets.map((set) => set > 0 && total(set, weights) <= cap);
  const bytes = domains.map(({ migrationBytes }) => migrationBytes);
  const seconds = sets.map((set) => (fits[set] ? total(set, bytes) / linkBytesPerSecond : Number.NaN));
  const apart = sets.map((set) =>
    flows.reduce(
      (sum, { from, to, bytesPerSecond }) => (has(set, from) !== has(set, to) ? sum + bytesPerSecond : sum),
      0,
    ),
  );
  // least[n][set]: what is split by those in `set` that still have to move, in n groups; n = 0 where any number will do.
  const known = Array.from({ length: (groups ?? 0) + 1 }, () => new Float64Array(all + 1).fill(-1));
  const least = (left, number) => {
    if (left === 0) return groups === null || number === 0 ? 0 : Number.POSITIVE_INFINITY;
    if (groups !== null && number === 0) return Number.POSITIVE_INFINITY;
    const memory = known[number];
    if (memory[left] >= 0) return memory[left];
    let best = Number.POSITIVE_INFINITY;
    for (let group = left; group > 0; group = (group - 1) & left) {
      if (!fits[group]) continue;
      const rest = least(left - group, groups === null ? 0 : number - 1);
      best = Math.min(best, seconds[group] * apart[left] + rest);
    }
    memory[left] = best;
    return best;
  };
  return least(all, groups ?? 0);
}
