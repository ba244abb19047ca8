/**
 * What a simulation, and so a file that describes one, may say. Within these, numbers stay exact enough to tell one round
 * from the next, and everything ends. No limit is one of a machine: memory has none but that its bytes can be counted.
 */
export const minMemoryBytes = 2 ** 20;
export const minLinkBytesPerSecond = 1;
export const maxBytesPerSecond = 1e15;
/** As a process domain's guest has it (native/process/workload.cc). */
export const maxWritesPerSecond = 1e9;
/** A year. */
export const maxTimeMs = 366 * 86_400_000;

/** An hour: every second of it is looked at. */
export const maxProfileMs = 3_600_000;
/** A microsecond. */
export const minTimeMs = 1e-3;
export const maxTraceLevels = 10_000;
