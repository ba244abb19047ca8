// Random groups of domains for the soaks that simulate: everyday sizes, every kind of workload, a link to fit.
const MiB = 2 ** 20;
const pageBytes = 4096;

/**
 * 2 to 6 domains whose dirty rates, as windows of a second show them (§5.2), add up to `load` times the link: 0.3 is a
 * link that carries three times what is dirtied. None of it is told to the strategies, which measure it.
 */
export function simulatedGroup(random, load) {
  const domains = Array.from({ length: 2 + Math.floor(5 * random()) }, (_, index) => simulatedDomain(random, index));
  const linkBytesPerSecond = domains.reduce((sum, { workload }) => sum + dirtyBytesPerSecond(workload), 0) / load;
  return { domains, linkBytesPerSecond, seed: Math.floor(random() * 2 ** 32), startAtMs: 600_000 * random() };
}

function simulatedDomain(random, index) {
  const between = (low, high) => low + (high - low) * random();
  const logBetween = (low, high) => low * (high / low) ** random();
  const whole = (bytes) => Math.ceil(bytes / pageBytes) * pageBytes;
  const memoryBytes = whole(logBetween(256 * MiB, 4096 * MiB));
  const usedBytes = whole(memoryBytes * between(0.4, 0.95));
  const wwsBytes = whole(usedBytes * between(0.1, 0.8));
  const hotBytes = whole(wwsBytes * logBetween(0.02, 0.3));
  // Hot pages are written over and over, each once in 0.1 to 10 s; the others far less often.
  const hotWritesPerSecond = hotBytes / pageBytes / logBetween(0.1, 10);
  return {
    name: `d${index}`,
    memoryBytes,
    noise: between(0.05, 0.2),
    workload: {
      kind: ['steady', 'on-off', 'waves'][Math.floor(3 * random())],
      seed: index,
      usedBytes,
      wwsBytes,
      hotBytes,
      hotWritesPerSecond,
      coldWritesPerSecond: hotWritesPerSecond * logBetween(0.02, 0.5),
      lowLevel: between(0.2, 0.8),
      periodMs: logBetween(20_000, 600_000),
      phase: random(),
    },
  };
}

/** On average over a workload's period. */
function dirtyBytesPerSecond({ kind, wwsBytes, hotBytes, hotWritesPerSecond, coldWritesPerSecond, lowLevel }) {
  const level = kind === 'steady' ? 1 : (1 + lowLevel) / 2;
  const regions = [
    { bytes: hotBytes, writes: hotWritesPerSecond },
    { bytes: wwsBytes - hotBytes, writes: coldWritesPerSecond },
  ];
  return regions.reduce((sum, { bytes, writes }) => sum - bytes * Math.expm1((-writes * level * pageBytes) / bytes), 0);
}
