// Random groups of domains for the solver's soaks. The same seed gives the same groups.
import { seededRandom } from '../../dist/random.js';

/** @param {number} seed */
export function randomGroups(seed) {
  const random = seededRandom(seed);
  const logUniform = (low, high) => low * Math.exp(random() * Math.log(high / low));

  /** Mostly small groups, of ordinary or of any domains, on a link from far below to far above what they dirty. */
  function group() {
    const size = random() < 0.01 ? 1 + Math.floor(200 * random()) : 1 + Math.floor(12 * random() ** 2);
    const ordinary = random() < 0.5;
    const twin = random() < 0.05;
    const domains = Array.from({ length: size }, () => (ordinary ? ordinaryDomain() : anyDomain()));
    if (twin) domains.fill(domains[0]);
    const dirtied = domains.reduce((sum, domain) => sum + domain.dirtyBytesPerSecond, 0);
    const link = ordinary && dirtied > 0 ? dirtied / logUniform(0.05, 20) : logUniform(1, 1e12);
    const options = random() < 0.5 ? {} : anyOptions();
    return { ordinary, domains: random() < 0.2 ? bounded(domains, link) : domains, link, options };
  }

  function ordinaryDomain() {
    const memoryBytes = logUniform(2 ** 28, 2 ** 35);
    return {
      memoryBytes,
      wwsBytes: memoryBytes * (0.05 + 0.75 * random()),
      dirtyBytesPerSecond: logUniform(1e5, 5e7),
    };
  }

  function anyDomain() {
    const memoryBytes = random() < 0.05 ? 4096 : Math.floor(logUniform(4096, 2 ** 43));
    const still = random();
    const domain = {
      memoryBytes,
      wwsBytes: still < 0.1 ? 0 : still < 0.25 ? memoryBytes : memoryBytes * random(),
      dirtyBytesPerSecond: random() < 0.1 ? 0 : logUniform(1, 1e12),
    };
    if (random() < 0.3) domain.coldBytesPerSecond = logUniform(1, 1e12);
    if (random() < 0.3) {
      domain.remainingBytes = random() < 0.1 ? 0 : memoryBytes * logUniform(1e-9, 1);
      domain.sentBytes = 4 * memoryBytes * random();
    }
    return domain;
  }

  /** Lower bounds that leave something of the link, and upper ones from next to nothing to more than all of it. */
  function bounded(domains, link) {
    const taken = (random() * 0.99 * link) / domains.length;
    return domains.map((domain) => {
      const leastBytesPerSecond = random() < 0.5 ? 0 : taken * random();
      if (random() < 0.5) return { ...domain, leastBytesPerSecond };
      return { ...domain, leastBytesPerSecond, mostBytesPerSecond: leastBytesPerSecond + link * logUniform(1e-6, 10) };
    });
  }

  function anyOptions() {
    return {
      growth: random() < 0.5 ? 'linear' : 'saturating',
      roundLimit: 1 + Math.floor(60 * random()),
      trafficFactor: random() < 0.2 ? Number.POSITIVE_INFINITY : 5 * random(),
      thresholdBytes: random() < 0.2 ? 0 : logUniform(1, 2 ** 30),
      thresholdSeconds: random() < 0.8 ? 0 : logUniform(1e-3, 1e3),
    };
  }

  return { random, logUniform, group };
}
