import type { JudgedRound } from '../arbitrate/member.ts';
import type { StopReason, StopRuleName } from '../domains/engine.ts';

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
 * Why pre-copy ends after these rounds, at least one, by the rule of this name; null: it goes on. The native rules again, to
 * the word, for forecasts and simulations: these run where the addon is not built, and forecasts some hundred times a second.
 * A test holds the two against each other.
 */
export function stopReason(
  rule: StopRuleName,
  maxDowntimeMs: number | null,
  rounds: readonly JudgedRound[],
): StopReason | null {
  const { maxRounds, downtimeSeconds, trafficFactor, converges } = limitsOf(rule, maxDowntimeMs);
  const ends = (limit: string, message: string) => ({ rule, limit, message });
  const number = rounds.length - 1;
  const last = rounds[number]!;
  const dirty = last.dirtiedPages;
  if (dirty === 0) return ends('dirty-pages', `Nothing is dirty after round ${number}.`);
  if (dirty < fewDirtyPages) {
    return ends('dirty-pages', `${dirty} pages are dirty after round ${number}, fewer than ${fewDirtyPages}.`);
  }
  const shown = rounds.findLastIndex(({ sentPages, seconds }) => sentPages > 0 && seconds > 0);
  if (downtimeSeconds !== null && shown >= 0) {
    const rate = rounds[shown]!.sentBytes / rounds[shown]!.seconds;
    const pause = (dirty * pageBytes) / rate;
    if (pause <= downtimeSeconds) {
      const speed = `${fourDigits(rate / 1e6)} MB/s of round ${shown}`;
      return ends(
        'downtime',
        `The ${dirty} dirty pages take ${fourDigits(pause)} s at the ${speed}, within ${fourDigits(downtimeSeconds)} s.`,
      );
    }
  }
  const first = rounds[0]!;
  const present = handled(first) + first.deferredPages + first.unsentPages;
  const sent = rounds.reduce((pages, { sentPages }) => pages + sentPages, 0);
  if (trafficLeft(rule, present, sent) <= 0) {
    return ends('traffic', `${sent} pages were sent in all, ${trafficFactor} times the ${present} pages of round 0.`);
  }
  if (converges && standsStill(rounds)) {
    const share = fourDigits(100 * (1 - convergedBand));
    return ends(
      'converged',
      `The last ${convergedRounds} rounds each dirtied at least ${share} % of the pages they handled; ` +
        `round ${number} dirtied ${dirty} and handled ${handled(last)}.`,
    );
  }
  if (converges && gainsLittle(rounds)) {
    const before = rounds.at(-3)!.dirtiedPages;
    const two = last.sentPages + rounds.at(-2)!.sentPages;
    return ends(
      'gain',
      `The last two rounds sent ${two} pages and brought what is dirty from ${before} to ${dirty} pages, ` +
        `a gain below ${fourDigits(100 * minGain)} %.`,
    );
  }
  return rounds.length >= maxRounds ? ends('rounds', `Round ${number} was the last of ${maxRounds}.`) : null;
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

/** As C prints %.4g. */
function fourDigits(value: number): string {
  const [digits, exponent] = value.toExponential(3).split('e') as [string, string];
  const power = Number(exponent);
  const short = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (power >= -4 && power < 4) return short(value.toPrecision(4));
  return `${short(digits)}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
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
