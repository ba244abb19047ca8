import type { Decision } from '../arbitrate/protocol-messages.ts';
import type { MigrationState } from '../domains/engine.ts';

/** When something happens: so long after the group began, or as soon as a domain enters a state. */
export type FaultTime =
  | { readonly atMs: number }
  | { readonly when: { readonly domain: string; readonly state: MigrationState } };

/** What a domain does when it is told to stop, or its copy to start. */
export type Misbehaviour =
  /** The guest does not stop in time; it runs on. */
  | 'suspend-fails'
  /** The destination says that it cannot start the copy, and drops it. */
  | 'start-refused'
  /** The copy starts, and the message that says so is lost. */
  | 'confirmation-lost';

/** Something that goes wrong, or that somebody does, in a simulated migration. */
export type SimulatedFault =
  | ({
      /**
       * `link-cut`: every connection breaks, for good. `receiver-dies`: the same, and all copies that do not run yet are
       * gone. `abort`: the caller wants the group back.
       */
      readonly type: 'link-cut' | 'receiver-dies' | 'abort';
    } & FaultTime)
  /** The guest ends at its source; its copy does at the destination. */
  | ({ readonly type: 'guest-dies' | 'copy-dies'; readonly domain: string } & FaultTime)
  | { readonly type: Misbehaviour; readonly domain: string }
  /** The disk is full when this is to be recorded; `group`: what comes first, the names of the domains. */
  | { readonly type: 'journal-full'; readonly record: 'group' | Decision };
