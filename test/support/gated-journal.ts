import type { Decision } from '../../src/arbitrate/protocol-messages.ts';
import { VmbuddiesError } from '../../src/errors.ts';
import { hostSurroundings, type Surroundings } from '../../src/migrate/surroundings.ts';

/** A journal that holds a group just before a decision is recorded: for as long as wanted, and not by chance. */
export class GatedJournal {
  readonly surroundings: Surroundings;
  /** Resolves when the decision is about to be recorded. */
  readonly reached: Promise<void>;
  #open!: () => void;
  #refuse!: (error: Error) => void;

  constructor(journalFolder: string, decision: Decision) {
    const host = hostSurroundings(journalFolder);
    let reach!: () => void;
    this.reached = new Promise((resolve) => {
      reach = resolve;
    });
    const gate = new Promise<void>((resolve, reject) => {
      this.#open = resolve;
      this.#refuse = reject;
    });
    gate.catch(() => {});
    this.surroundings = {
      ...host,
      async openJournal() {
        const journal = await host.openJournal();
        // Nothing overtakes what waits.
        let last = Promise.resolve();
        return {
          ...journal,
          append(record) {
            const appended = last.then(async () => {
              if (record.type === 'decision' && record.decision === decision) {
                reach();
                await gate;
              }
              await journal.append(record);
            });
            last = appended.catch(() => {});
            return appended;
          },
        };
      },
    };
  }

  /** Lets it be recorded. */
  open(): void {
    this.#open();
  }

  /** There is no room for it: nothing of it is written. */
  refuse(): void {
    this.#refuse(new VmbuddiesError('ERR_VMBUDDIES_SYSTEM', 'append: no space left on device'));
  }
}
