// SPDX-License-Identifier: MIT
// What can be said to the lab, and how it is read.
import { parseArgs } from 'node:util';
import { exitCodes, LabError } from './errors.mjs';

const usage = `usage: npm run lab -- VERB …          every verb takes --name LAB ("lab" unless told)

  up [--hosts 1|2] [--hypervisor stock|shadow] [--memory MIB]    build what is missing, boot the hosts
  status                                                          the labs of this machine
  ssh HOST [COMMAND …]                                            a command, or a shell, in the dom0 of host 1 or 2
  sync                                                            install what was just built into the running hosts
  guest start NAME [--host 1|2] [--type pvh|pv] [--memory 128MiB] [--pages-per-second N] [--wss 16MiB]
              [--no-agent] [--no-balloon] [--ignore-suspend] [--poweroff-after SECONDS]
  guest list | guest stop NAME
  wan RATE DELAY | wan off                                        as in: wan 40mbit 20ms, each way
  down                                                            end the hosts, leave nothing running`;

const bytesPer = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/**
 * Ends the command with the usage.
 * @param {string} message
 * @returns {never}
 */
export function misuse(message) {
  throw new LabError(`${message}\n\n${usage}`, exitCodes.usage);
}

/**
 * Reads a verb's options, `--name` among them.
 * @template {Record<string, {type: 'string' | 'boolean', default?: string}>} T
 * @param {string[]} args
 * @param {T} options as for `parseArgs`
 */
export function readOptions(args, options) {
  const name = /** @type {const} */ ({ type: 'string', default: 'lab' });
  try {
    return parseArgs({ args, allowPositionals: true, options: { ...options, name } });
  } catch (error) {
    return misuse(error instanceof Error ? error.message : String(error));
  }
}

/** @param {string} text as in `16MiB` @returns {number} bytes */
export function readSize(text) {
  const [, amount, unit] = /^(\d+)(KiB|MiB|GiB)$/.exec(text) ?? [];
  if (!amount || !unit) return misuse(`not a size: ${text} (as in 16MiB)`);
  return Number(amount) * bytesPer[/** @type {keyof typeof bytesPer} */ (unit)];
}

/** @param {string} text @returns {number} */
export function readWhole(text) {
  return /^\d+$/.test(text) ? Number(text) : misuse(`not a whole number: ${text}`);
}

/**
 * @template {string} T
 * @param {string} option its name, for the complaint
 * @param {string} text
 * @param {readonly T[]} choices
 * @returns {T}
 */
export function readChoice(option, text, choices) {
  return choices.find((choice) => choice === text) ?? misuse(`--${option} takes ${choices.join(' or ')}`);
}
