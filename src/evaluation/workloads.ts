import type { Workload } from '../domains/domain.ts';
import { GuestMemory } from '../simulate/guest-memory.ts';
import type { SimulatedDomain } from '../simulate/simulation.ts';
import { noisyLevel, workloadLevel } from '../simulate/workload-level.ts';
import { fitted, type TierFit } from './calibration.ts';
import {
  meanUsers,
  memoryBytes,
  type Tier,
  tiers,
  users,
  type WorkloadName,
  workingSetBytes,
  workingSetSeconds,
} from './paper.ts';

const pageBytes = 4096;

/** The three guests of one of the paper's workloads, at its scale. `seed` varies the noise; the tiers get it and the next ones. */
export function evaluationDomains(workload: WorkloadName, seed: number): SimulatedDomain[] {
  return tiers.map((name, index) => ({
    name,
    memoryBytes,
    workload: tierWorkload(workload, name, seed + index),
    noise: fitted.noise,
    scattered: true,
  }));
}

/**
 * What a tier's guest writes. Its rates and its hot part grow with the users at the peak; the working set is such that
 * the four minutes of Table 2 show what Table 2 says.
 */
export function tierWorkload(workload: WorkloadName, tier: Tier, seed: number): Workload {
  const { pattern, most, least, periodSeconds } = users[workload];
  const fit = fitted.tiers[tier];
  const hotBytes = wholePages(fit.hotBytesPerUser * most);
  const wwsBytes = hotBytes + wholePages(coldPartBytes(workload, tier, fit));
  return {
    kind: pattern,
    seed,
    usedBytes: Math.min(wwsBytes + fitted.neverWrittenBytes, memoryBytes),
    wwsBytes,
    hotBytes,
    hotWritesPerSecond: fit.hotWritesPerSecondPerUser * most,
    coldWritesPerSecond: (fit.coldBytesPerSecondPerUser / pageBytes) * most,
    lowLevel: least / most,
    periodMs: periodSeconds * 1000,
    // The tiers' loads rise and fall together (Fig. 10).
    phase: 0,
  };
}

/** A guest whose dirty log can be looked at; `now` counts from the start of its workload. */
export function watchedMemory(workload: WorkloadName, tier: Tier, noise = 0): GuestMemory {
  const guest = tierWorkload(workload, tier, 1);
  return new GuestMemory({
    memoryBytes,
    workload: guest,
    level: noisyLevel(workloadLevel(guest), noise, 1 + tiers.indexOf(tier)),
    zeroBytes: 0,
    workedSeconds: 0,
  });
}

/** Pages dirtied in each of so many seconds, the log cleaned at the end of each, as Fig. 10 shows it. */
export function dirtiedEachSecond(workload: WorkloadName, tier: Tier, seconds: number): number[] {
  const memory = watchedMemory(workload, tier, fitted.noise);
  memory.clean(0);
  return Array.from({ length: seconds }, (_, second) =>
    memory.clean(second + 1).reduce((sum, pages) => sum + pages, 0),
  );
}

/**
 * Of W pages, w writes at random leave W (1 - e^(-w/W)) dirty. Solved for the W of which four minutes show what Table 2
 * says, less the hot part, which is all dirty by then.
 */
function coldPartBytes(workload: WorkloadName, tier: Tier, fit: TierFit): number {
  const { most } = users[workload];
  const seen = workingSetBytes[workload][tier] - fit.hotBytesPerUser * most;
  const written = fit.coldBytesPerSecondPerUser * meanUsers(users[workload]) * workingSetSeconds;
  let low = seen;
  let high = memoryBytes;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (middle * -Math.expm1(-written / middle) < seen) low = middle;
    else high = middle;
  }
  return low;
}

function wholePages(bytes: number): number {
  return Math.round(bytes / pageBytes) * pageBytes;
}
