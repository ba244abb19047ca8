/** What the paper states, as numbers: the measure of everything else here (Liu and He, 2013). */

export const tiers = ['web', 'app', 'db'] as const;
export type Tier = (typeof tiers)[number];

export const workloadNames = ['S&L', 'D&H', 'L&SW'] as const;
/** §5.1: static and light, dynamic and heavy, light with symmetric waves. */
export type WorkloadName = (typeof workloadNames)[number];

const MiB = 2 ** 20;

/** Every guest has 1 GB (§5.1). The paper's MB of memory are read as MiB, as memory is counted. */
export const memoryBytes = 1024 * MiB;

/** Table 2: the writable working sets that four minutes show, in bytes. */
export const workingSetBytes: Readonly<Record<WorkloadName, Readonly<Record<Tier, number>>>> = {
  'S&L': { web: 63 * MiB, app: 96 * MiB, db: 502 * MiB },
  'D&H': { web: 166 * MiB, app: 212 * MiB, db: 818 * MiB },
  'L&SW': { web: 92 * MiB, app: 134 * MiB, db: 616 * MiB },
};
/** How long the working sets were watched (§5.2). */
export const workingSetSeconds = 240;

/** Who uses the application (§5.1). */
export interface Users {
  readonly pattern: 'steady' | 'on-off' | 'waves';
  readonly most: number;
  readonly least: number;
  readonly periodSeconds: number;
}

export const users: Readonly<Record<WorkloadName, Users>> = {
  'S&L': { pattern: 'steady', most: 200, least: 200, periodSeconds: 60 },
  'D&H': { pattern: 'on-off', most: 1000, least: 500, periodSeconds: 60 },
  'L&SW': { pattern: 'waves', most: 350, least: 10, periodSeconds: 240 },
};

/** Half of each period is the mirror of the other, so the mean is the middle. */
export function meanUsers({ most, least }: Users): number {
  return (most + least) / 2;
}

/** A place where the paper migrates (§5.1, §5.4). */
export interface Testbed {
  readonly name: string;
  readonly linkBytesPerSecond: number;
  /** One way. */
  readonly latencyMs: number;
}

export const testbeds = {
  /** Two data centers: 40 Mbit/s, 20 ms to the other side and back. */
  wan: { name: '40 Mbit/s', linkBytesPerSecond: 5e6, latencyMs: 10 },
  /** The laboratory: 400 Mbit/s. Its latency is not stated; the WAN's is taken. */
  lab: { name: '400 Mbit/s', linkBytesPerSecond: 50e6, latencyMs: 10 },
} as const satisfies Record<string, Testbed>;

export type TestbedName = keyof typeof testbeds;

/** The strategies compared: the paper's (§5.1), in its order, and ours. */
export const compared = ['ns', 'mo', 'lll', 'lll+mo', 'oba', 'oba+mo', 'turns'] as const;

/** §5.3: the application as D&H's users see it, on the WAN. The two sides differ: guests have four times the CPU there. */
export const service = {
  before: { responseSeconds: 0.49, requestsPerSecond: 155 },
  /** MO, while App migrates: Web is there, App and DB are here. */
  appMigrates: { responseSeconds: 2.2 },
  /** MO, while DB migrates: Web and App are there, DB is here. */
  dbMigrates: { responseSeconds: 2.85, requestsPerSecond: 126 },
  /** VMbuddies, while it migrates, as shares of `before`. */
  together: { moreResponse: 0.3, lessThroughput: 0.01 },
  after: { responseSeconds: 0.13, requestsPerSecond: 175 },
  capacityFactor: 4,
} as const;

/** §5.3 and §5.4: completion of D&H on the WAN. */
export const completionSeconds = { ns: 1478, 'oba+mo': 880 } as const;
