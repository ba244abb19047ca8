// Random groups of process domains for the soaks that move real bytes: sizes and rates to fit a link.
const MiB = 2 ** 20;
const pageBytes = 4096;

/**
 * `size` domains whose memory takes the link `seconds` and which together dirty `load` times what it carries, as windows of
 * a second would show it. Half of them are steady, the others switch on and off; sizes differ by up to eight times.
 */
export function processGroup(random, { size, linkBytesPerSecond, seconds, load }) {
  const between = (low, high) => low + (high - low) * random();
  const logBetween = (low, high) => low * (high / low) ** random();
  const whole = (bytes) => Math.ceil(bytes / pageBytes) * pageBytes;
  const shares = Array.from({ length: size }, () => logBetween(1, 8));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const domains = shares.map((share, index) => {
    const memoryBytes = Math.max(whole((seconds * linkBytesPerSecond * share) / total), 4 * MiB);
    const usedBytes = whole(memoryBytes * between(0.6, 0.95));
    const wwsBytes = whole(usedBytes * between(0.1, 0.8));
    const hotBytes = whole(wwsBytes * logBetween(0.02, 0.3));
    const hotWritesPerSecond = hotBytes / pageBytes / logBetween(0.1, 10);
    return {
      name: `d${index}`,
      memoryBytes,
      workload: {
        kind: random() < 0.5 ? 'steady' : 'on-off',
        seed: 1 + Math.floor(1000 * random()),
        usedBytes,
        wwsBytes,
        hotBytes,
        hotWritesPerSecond,
        coldWritesPerSecond: hotWritesPerSecond * logBetween(0.02, 0.5),
        lowLevel: between(0.2, 0.8),
        periodMs: logBetween(2_000, 20_000),
        phase: random(),
      },
    };
  });
  const factor = factorFor(domains, load * linkBytesPerSecond);
  for (const { workload } of domains) {
    workload.hotWritesPerSecond *= factor;
    workload.coldWritesPerSecond *= factor;
  }
  return domains;
}

/** By how much to multiply all rates so that together they dirty so much in a second. */
function factorFor(domains, bytesPerSecond) {
  let [low, high] = [1e-6, 1e6];
  for (let step = 0; step < 60; step++) {
    const middle = Math.sqrt(low * high);
    if (domains.reduce((sum, { workload }) => sum + dirtied(workload, middle), 0) < bytesPerSecond) low = middle;
    else high = middle;
  }
  return high;
}

function dirtied({ kind, wwsBytes, hotBytes, hotWritesPerSecond, coldWritesPerSecond, lowLevel }, factor) {
  const level = factor * (kind === 'steady' ? 1 : (1 + lowLevel) / 2);
  const part = (bytes, writes) => -bytes * Math.expm1((-writes * level * pageBytes) / bytes);
  return part(hotBytes, hotWritesPerSecond) + part(wwsBytes - hotBytes, coldWritesPerSecond);
}
