/** What to type when nobody can say from here whether a Xen domain runs at its destination. */
import type { GroupOutcome } from '../index.ts';
import { type RemoteHost, sshFlag } from '../transfer/transport.ts';
import { quoteWord } from '../transfer/words.ts';

/**
 * One line for each thing that may be found at the destination, in an order in which the first that fits is right.
 * `name` may stand for several, as `NAME`. xl unpauses and renames; only "vmbuddies resume" wakes a suspended guest,
 * because `xl unpause` does not, and xl has no `resume` before Xen 4.20.
 */
export function recoverySteps(name: string, destination: RemoteHost): string[] {
  const { host, ssh = 'ssh' } = destination;
  const [own, aside] = [quoteWord(name), quoteWord(`${name}--migratedaway`)];
  const sweep = `vmbuddies sweep ${own} --to ${host}${sshFlag(destination)}`;
  return [
    `${name} runs there: it has moved. Remove what is left here: xl destroy ${aside}`,
    `${name} is there, paused: let it run, ${ssh} ${host} xl unpause ${own}, then as above`,
    `${name}--incoming is there: it never ran. ${sweep}, then as below`,
    `neither is there: bring it back here: xl rename ${aside} ${own} && vmbuddies resume ${own}`,
    `${host} does not answer: wait until it does. Two running copies of one guest destroy its disks`,
  ];
}

/**
 * xl's monitor of a domain ends when the domain is suspended (tools/xl/xl_vmcontrol.c; no longer since Xen 4.20), and
 * nothing starts another when the guest runs on at its source after all.
 */
export function unwatched({ domains }: GroupOutcome): string[] {
  return domains
    .filter(({ where, downtimeMs }) => where === 'source' && downtimeMs > 0)
    .map(
      ({ name }) =>
        `${name} was suspended for a moment: with Xen before 4.20, xl does not act upon its on_poweroff, on_reboot and ` +
        'on_crash any more until it is next started.',
    );
}
