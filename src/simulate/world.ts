import type { SimDomain } from '../domains/domain.ts';
import type { EngineOptions, MigrationEngine, MigrationState } from '../domains/engine.ts';
import { linkEfficiency } from '../forecast/costs.ts';
import type { Clock } from '../measure/clock.ts';
import type { BalloonRecord } from '../migrate/balloon-record.ts';
import type { PredictionStore } from '../migrate/prediction-store.ts';
import type { RunJournal, Surroundings } from '../migrate/surroundings.ts';
import { seededRandom } from '../random.ts';
import { ApplicationTraffic, type SplitFlow } from './application-traffic.ts';
import { FaultPlan } from './fault-plan.ts';
import { Guest, type GuestPlace } from './guest.ts';
import { GuestMemory } from './guest-memory.ts';
import { memoryJournal } from './memory-journal.ts';
import { messageTimes } from './message-times.ts';
import { SharedLink } from './shared-link.ts';
import { peerError } from './sim-destination.ts';
import { OpenSimDomain } from './sim-domain.ts';
import { SimEngine } from './sim-engine.ts';
import type { SimulatedDomain, SimulationOptions } from './simulation.ts';
import { namedStopRule } from './stop-rule.ts';
import { VirtualClock } from './virtual-clock.ts';
import { noisyLevel, workloadLevel } from './workload-level.ts';

/** So many actions a simulation may take: twice what two days of a busy group take; more would not end within seconds. */
const maxActions = 50_000;
const maxActionsOfDomain = 500;

/** All that surrounds one simulated group: time, a link, its guests on both sides, and what goes wrong. */
export class World implements Surroundings {
  readonly domains: readonly SimDomain[];
  /** The arbitrator's: when it looks at the group after a pause, it finds every domain's progress. */
  readonly clock: Clock;
  readonly #time: VirtualClock;
  readonly #link: SharedLink;
  readonly #guests: ReadonlyMap<string, Guest>;
  readonly #engines = new Map<string, SimEngine>();
  readonly #traffic: ApplicationTraffic;
  readonly #faults: FaultPlan;
  readonly #messageSeconds: () => number;
  readonly #connectSeconds: number;

  constructor(options: SimulationOptions) {
    const { domains, linkBytesPerSecond, latencyMs = 0, loss = 0, flows = [], faults = [], seed = 1, costs } = options;
    this.#time = new VirtualClock(maxActions + domains.length * maxActionsOfDomain);
    const placeOf = (name: string) => this.#guests.get(name)!.runsAt;
    // What is lost has used the link, and does so again.
    this.#link = new SharedLink(
      linkBytesPerSecond * (1 - loss) * (costs ? linkEfficiency(linkBytesPerSecond, costs) : 1),
    );
    this.#connectSeconds = costs?.connectSeconds ?? 0;
    this.#messageSeconds = messageTimes(latencyMs / 1000, loss, seededRandom(seed));
    this.#traffic = new ApplicationTraffic(flows, this.#link, this.#time, placeOf);
    this.#faults = new FaultPlan(faults, this.#time);
    this.#guests = new Map(domains.map((domain, index) => [domain.name, this.#guest(domain, index, options)]));
    this.domains = domains.map((domain) => this.#domain(domain));
    this.clock = {
      now: () => this.#time.now,
      pause: async (ms, signal) => {
        await this.#time.pause(ms, signal);
        this.#report();
      },
    };
  }

  /** Nothing outlives a simulation. */
  readonly predictions: PredictionStore = { read: async () => [], write: async () => {} };

  readonly balloons: BalloonRecord = { write: async () => {}, remove: async () => {} };

  async freeShare(): Promise<number> {
    return 1;
  }

  async openJournal(): Promise<RunJournal> {
    return memoryJournal((record) => this.#faults.fillsJournal(record));
  }

  /** Lets time run until the group's work is done. `abort` is how its caller calls the group back. */
  run<Result>(work: Promise<Result>, abort: (reason: string) => void): Promise<Result> {
    this.#faults.begin({
      cutLink: () => this.#link.break(peerError('the link was cut')),
      endGuest: (name) => {
        this.#guests.get(name)!.endSource();
        this.#engines.get(name)?.loseSource();
      },
      endCopy: (name) => {
        this.#guests.get(name)!.endCopy();
        this.#engines.get(name)?.loseDestination(peerError(`the copy of ${name} has ended`));
      },
      endReceiver: () => {
        for (const guest of this.#guests.values()) if (guest.runsAt !== 'destination') guest.endCopy();
        this.#link.break(peerError('the receiver has ended'));
      },
      abort,
    });
    return this.#time.run(work);
  }

  /** A domain has entered a state. */
  entered(domain: string, state: MigrationState): void {
    this.#faults.entered(domain, state);
  }

  splitFlows(): SplitFlow[] {
    return this.#traffic.totals();
  }

  /** Where each guest runs, whatever anybody believes; null: nowhere. */
  runsAt(): Record<string, GuestPlace | null> {
    return Object.fromEntries([...this.#guests].map(([name, { runsAt }]) => [name, runsAt]));
  }

  #guest(domain: SimulatedDomain, index: number, { seed = 1, startAtMs = 0 }: SimulationOptions): Guest {
    const { name, memoryBytes, workload, noise = 0, zeroBytes = 0 } = domain;
    // Domains of one seed differ, and so do those of neighbouring seeds.
    const noiseSeed = Math.imul(seed, 0x9e3779b1) + Math.imul(index + 1, 0x85ebca6b) + workload.seed;
    const level = noisyLevel(workloadLevel(workload), noise, noiseSeed);
    const memory = new GuestMemory({ memoryBytes, workload, level, zeroBytes, workedSeconds: startAtMs / 1000 });
    return new Guest(name, memory, this.#time, () => this.#traffic.follow());
  }

  #domain({ name, memoryBytes, workload, tellsUsedMemory = true, scattered = false }: SimulatedDomain): SimDomain {
    const guest = this.#guests.get(name)!;
    return new OpenSimDomain({
      guest,
      clock: this.#time,
      memoryBytes,
      workload,
      tellsUsedMemory,
      packed: !scattered,
      openEngine: (options) => this.#engine(guest, !scattered, options),
    });
  }

  #engine(guest: Guest, packed: boolean, { stopRule, maxDowntimeMs }: EngineOptions): MigrationEngine {
    const engine = new SimEngine({
      clock: this.#time,
      link: this.#link,
      guest,
      packed,
      stopRule: namedStopRule(stopRule, stopRule === 'downtime' ? maxDowntimeMs : null),
      maxDowntimeMs,
      misbehaviour: this.#faults.misbehaviourOf(guest.name),
      messageSeconds: this.#messageSeconds,
      connectSeconds: this.#connectSeconds,
      onNews: () => this.#report(),
    });
    this.#engines.set(guest.name, engine);
    return engine;
  }

  /** Real engines tell how far they are ten times a second; these do when somebody may look. */
  #report(): void {
    for (const engine of this.#engines.values()) engine.report();
  }
}
