import type { JudgedRound } from '../arbitrate/member.ts';
import type { StopRuleName } from '../domains/engine.ts';

/** The limits of a rule, as native/core/stop_rule.cc has them; null for none. */
interface Limits {
  readonly maxRounds: number;
  readonly trafficFactor: number | null;
  readonly downtimeSeconds: number | null;
  readonly converges: boolean;
}

const pageBytes = 4096;
const fewDirtyPages = 50;
const convergedRounds = 2;
const convergedBand = 0.05;
const minGain = 0.05;
const standardDowntimeSeconds = 0.3;

/** As for the native ones, a budget of the pause is a limit beside whatever the rule has. */
function limitsOf(name: StopRuleName, maxDowntimeMs: number | null): Limits {
  const usualSeconds = name === 'downtime' ? standardDowntimeSeconds : null;
  const downtimeSeconds = maxDowntimeMs === null ? usualSeconds : maxDowntimeMs / 1000;
  return {
    maxRounds: name === 'xen-modern' ? 5 : 30,
    trafficFactor: name === 'xen-legacy' || name === 'downtime' ? 3 : null,
    downtimeSeconds,
    converges: name === 'converged',
  };
}

/**
 * Whether pre-copy ends after these rounds, by the rule of this name: the native rules again, for forecasts, which cannot
 * call the addon some hundred times a second. A test holds the two against each other.
 */
export function endsPrecopy(rule: StopRuleName, maxDowntimeMs: number | null, rounds: readonly JudgedRound[]): boolean {
  const { maxRounds, downtimeSeconds, converges } = limitsOf(rule, maxDowntimeMs);
  const last = rounds.at(-1)!;
  if (last.dirtiedPages < fewDirtyPages) return true;
  if (downtimeSeconds !== null && pauseSeconds(rounds) <= downtimeSeconds) return true;
  const first = rounds[0]!;
  const present = handled(first) + first.deferredPages + first.unsentPages;
  const sent = rounds.reduce((pages, { sentPages }) => pages + sentPages, 0);
  if (trafficLeft(rule, present, sent) <= 0) return true;
  if (converges && (standsStill(rounds) || gainsLittle(rounds))) return true;
  return rounds.length >= maxRounds;
}

/** Pages with data that pre-copy may still send; Infinity without a limit. */
export function trafficLeft(rule: StopRuleName, round0Pages: number, sentPages: number): number {
  const { trafficFactor } = limitsOf(rule, null);
  return trafficFactor === null
    ? Number.POSITIVE_INFINITY
    : Math.max(Math.ceil(trafficFactor * round0Pages) - sentPages, 0);
}

function handled({ sentPages, zeroPages, skippedPages }: JudgedRound): number {
  return sentPages + zeroPages + skippedPages;
}

function pauseSeconds(rounds: readonly JudgedRound[]): number {
  const shown = rounds.findLast(({ sentPages, seconds }) => sentPages > 0 && seconds > 0);
  return shown
    ? (rounds.at(-1)!.dirtiedPages * pageBytes) / (shown.sentBytes / shown.seconds)
    : Number.POSITIVE_INFINITY;
}

function standsStill(rounds: readonly JudgedRound[]): boolean {
  if (rounds.length <= convergedRounds) return false;
  return rounds.slice(-convergedRounds).every((round) => round.dirtiedPages >= (1 - convergedBand) * handled(round));
}

function gainsLittle(rounds: readonly JudgedRound[]): boolean {
  if (rounds.length < 3) return false;
  const two = rounds.slice(-2);
  const gain = rounds.at(-3)!.dirtiedPages - two[1]!.dirtiedPages;
  return gain < minGain * (two[0]!.sentPages + two[1]!.sentPages);
}
