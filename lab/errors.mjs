// SPDX-License-Identifier: MIT
/**
 * What the lab's commands exit with, so that a script can tell a broken machine from a broken lab.
 * @type {{readonly failed: 1, readonly usage: 2, readonly unavailable: 3, readonly notReady: 4}}
 */
export const exitCodes = Object.freeze({
  /** Something that should work did not: a boot, a guest, a command. */
  failed: 1,
  /** The command line was not understood. */
  usage: 2,
  /** The archive no longer has the hypervisor that was asked for. */
  unavailable: 3,
  /** This machine lacks a package, or the project is not built. */
  notReady: 4,
});

/** A failure whose message is all that the person at the keyboard needs: printed without a stack. */
export class LabError extends Error {
  /**
   * @param {string} message one or more lines
   * @param {number} [exitCode] one of `exitCodes`
   */
  constructor(message, exitCode = exitCodes.failed) {
    super(message);
    this.name = 'LabError';
    this.exitCode = exitCode;
  }
}
