import type { GroupOutcome } from '../index.ts';

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
