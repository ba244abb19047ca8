import { VmbuddiesError } from '../errors.ts';
import { native } from '../native/load.ts';

/** A way to keep a process domain's dirty log, and whether it works on this machine. */
export interface TrackerProbe {
  readonly name: string;
  readonly usable: boolean;
  /** Why it is or is not, in one sentence. */
  readonly reason: string;
}

/** Runs the self-test of each tracker; the first usable one is what `auto` takes. */
export async function probeTrackers(): Promise<TrackerProbe[]> {
  try {
    return await native().probeTrackers();
  } catch (thrown) {
    throw VmbuddiesError.from(thrown);
  }
}
