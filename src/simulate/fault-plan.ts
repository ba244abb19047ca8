import type { JournalRecord } from '../arbitrate/journal-format.ts';
import type { MigrationState } from '../domains/engine.ts';
import type { FaultTime, Misbehaviour, SimulatedFault } from './faults.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What can be done to a world. */
export interface Harm {
  cutLink(): void;
  endGuest(domain: string): void;
  endCopy(domain: string): void;
  /** It receives all domains. */
  endReceiver(): void;
  abort(reason: string): void;
}

type TimedFault = Extract<SimulatedFault, FaultTime>;

/** Sees to it that each fault happens when it is due. */
export class FaultPlan {
  readonly #faults: readonly SimulatedFault[];
  readonly #clock: VirtualClock;
  /** Those that wait for a domain to enter a state. */
  #waiting: TimedFault[] = [];
  #harm: Harm | null = null;

  constructor(faults: readonly SimulatedFault[], clock: VirtualClock) {
    this.#faults = faults;
    this.#clock = clock;
  }

  begin(harm: Harm): void {
    this.#harm = harm;
    for (const fault of this.#faults) {
      if ('atMs' in fault) this.#clock.after(fault.atMs / 1000, () => this.#do(fault));
      else if ('when' in fault) this.#waiting.push(fault);
    }
  }

  entered(domain: string, state: MigrationState): void {
    const isDue = (fault: TimedFault) => 'when' in fault && fault.when.domain === domain && fault.when.state === state;
    const due = this.#waiting.filter(isDue);
    this.#waiting = this.#waiting.filter((fault) => !due.includes(fault));
    for (const fault of due) this.#clock.after(0, () => this.#do(fault));
  }

  misbehaviourOf(domain: string): ReadonlySet<Misbehaviour> {
    return new Set(
      this.#faults.flatMap((fault) => (isMisbehaviour(fault) && fault.domain === domain ? [fault.type] : [])),
    );
  }

  /** Whether there is no room in the journal for this record. */
  fillsJournal(record: JournalRecord): boolean {
    const name = record.type === 'decision' ? record.decision : record.type;
    return this.#faults.some((fault) => fault.type === 'journal-full' && fault.record === name);
  }

  #do(fault: TimedFault): void {
    const harm = this.#harm!;
    switch (fault.type) {
      case 'link-cut':
        harm.cutLink();
        break;
      case 'guest-dies':
        harm.endGuest(fault.domain);
        break;
      case 'copy-dies':
        harm.endCopy(fault.domain);
        break;
      case 'receiver-dies':
        harm.endReceiver();
        break;
      case 'abort':
        harm.abort('aborted by the scenario');
    }
  }
}

function isMisbehaviour(fault: SimulatedFault): fault is Extract<SimulatedFault, { type: Misbehaviour }> {
  return fault.type === 'suspend-fails' || fault.type === 'start-refused' || fault.type === 'confirmation-lost';
}
