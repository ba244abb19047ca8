/** The one of `known` that `word` was most likely meant to be; undefined if none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(word.length / 3));
  const distances = known.map((candidate) => editDistance(word.toLowerCase(), candidate.toLowerCase()));
  const least = Math.min(...distances);
  return least <= most ? known[distances.indexOf(least)] : undefined;
}

/** `; did you mean memory?`, or else what there is to choose from. */
export function suggestion(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return meant === undefined ? `; there are ${known.join(', ')}` : `; did you mean ${meant}?`;
}

/** Letters to insert, delete, replace, or swap with their neighbour, row by row of the usual table. */
function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let at = 1; at <= to.length; at++) {
      const same = from[row - 1] === to[at - 1];
      current[at] = Math.min(previous[at]! + 1, current[at - 1]! + 1, previous[at - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && at > 1 && from[row - 1] === to[at - 2] && from[row - 2] === to[at - 1];
      if (swapped) current[at] = Math.min(current[at]!, beforePrevious[at - 2]! + 1);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length]!;
}
