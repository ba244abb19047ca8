#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// npm run lab -- VERB …: real Xen hosts, emulated on this machine. README.md says what they are and how to use them.
import { misuse, readChoice, readOptions, readWhole } from './command-line.mjs';
import { down } from './down.mjs';
import { LabError } from './errors.mjs';
import { guest } from './guest-verb.mjs';
import { runningLab } from './registry.mjs';
import { inHostAttached } from './ssh.mjs';
import { status } from './status.mjs';
import { sync } from './sync.mjs';
import { up } from './up.mjs';
import { wan } from './wan.mjs';

/** What a person reads goes to standard error: standard output is for answers. @param {string} line */
const say = (line) => console.error(`lab: ${line}`);

/** @type {Record<string, (args: string[]) => Promise<number | void>>} */
const verbs = {
  async up(args) {
    const { values } = readOptions(args, {
      hosts: { type: 'string', default: '2' },
      hypervisor: { type: 'string', default: 'stock' },
      memory: { type: 'string', default: '2048' },
    });
    const options = {
      name: values.name,
      hosts: Number(readChoice('hosts', values.hosts, ['1', '2'])),
      hypervisor: readChoice('hypervisor', values.hypervisor, ['stock', 'shadow']),
      memoryMiB: readWhole(values.memory),
    };
    await up(options, say);
  },
  async status() {
    console.log(await status());
  },
  async ssh(args) {
    // What comes after the host's number is the command's own, options included.
    const at = args.findIndex((arg, index) => !arg.startsWith('-') && args[index - 1] !== '--name');
    const host = args[at];
    if (host === undefined) return misuse('ssh takes the number of a host');
    const { values } = readOptions(args.slice(0, at), {});
    return inHostAttached(await runningLab(values.name), readWhole(host), args.slice(at + 1));
  },
  async sync(args) {
    await sync(await runningLab(readOptions(args, {}).values.name), say);
  },
  guest,
  async wan(args) {
    const { values, positionals } = readOptions(args, {});
    const [rate, delay, ...rest] = positionals;
    if (rate === undefined || rest.length > 0 || (rate === 'off') !== (delay === undefined))
      return misuse('wan RATE DELAY | wan off');
    await wan(await runningLab(values.name), rate, delay);
  },
  async down(args) {
    await down(readOptions(args, {}).values.name, say);
  },
};

const [verb = '', ...args] = process.argv.slice(2);
try {
  const act = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  process.exitCode =
    (await (act ?? (() => misuse(verb ? `there is no verb ${verb}` : 'a verb is missing')))(args)) ?? 0;
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
