import type { LongPause, PlanWarning } from '../plan/warnings.ts';
import { formatDuration, formatRate, formatSize } from '../units.ts';

/** A warning in words. */
export function warningText(warning: PlanWarning): string {
  switch (warning.kind) {
    case 'long-pause':
      return longPauseText(warning);
    case 'split-traffic':
      return (
        `the domains send each other ${formatRate(warning.bytesPerSecond)}, and the link carries ` +
        `${formatRate(warning.linkBytesPerSecond)}: one after another they slow down both their migration and themselves; ` +
        'options: a strategy that keeps them together'
      );
    case 'unknown-use':
      return (
        `what the guest uses is not known of ${warning.domains.join(', ')}, so all memory travels, ` +
        `${formatSize(warning.memoryBytes)}; options: say it as "used"`
      );
  }
}

function longPauseText({ domain, dirtyBytesPerSecond, residualBytes, pauseMs, ...warning }: LongPause): string {
  const { linkBytesPerSecond, budgetMs, options } = warning;
  const link = `${perSecond(linkBytesPerSecond)}`;
  const cause =
    dirtyBytesPerSecond >= linkBytesPerSecond
      ? `${domain} dirties ${perSecond(dirtyBytesPerSecond)}, the link carries ${link}: it will not converge`
      : `${domain} writes ${formatSize(residualBytes)} again and again, faster than the link's ${link} can send it`;
  const ways = [
    `a link of ${formatRate(options.linkBytesPerSecond)}`,
    `${domain} at ${percent(options.writesShare)} of its writes`,
    ...(options.quietPauseMs === null ? [] : [`stop it when it is quiet, for ${formatDuration(options.quietPauseMs)}`]),
  ];
  return (
    `${cause}; the pause will be about ${formatDuration(pauseMs)}, more in a group; ` +
    `options, for ${formatDuration(budgetMs)}: ${ways.join(', or ')}`
  );
}

/** As a rate of memory: comparable with how fast it is dirtied. */
function perSecond(bytesPerSecond: number): string {
  return `${formatSize(bytesPerSecond)}/s`;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}
