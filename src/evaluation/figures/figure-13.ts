import type { FigureRecipe } from '../figure.ts';
import type { WorkloadName } from '../paper.ts';
import { formatChange, over } from '../statistics.ts';
import type { Trials } from '../trials.ts';
import { allCells, completion, costCharts, costTable, meanRatio, ratio, traffic } from './costs.ts';

const lazyWaiting =
  'A waiting guest is lazy here: it sends again only when its final copy would double. The paper’s sends all the time at its ' +
  'dirty rate, which makes lll dearer; Table 3’s kind shows by how much.';

/** Fig. 13: completion of every workload at both speeds. */
export const figure13: FigureRecipe = {
  name: '13',
  cells: allCells,
  draw: (trials) => ({
    name: '13',
    title: 'Fig. 13: completion, s',
    table: costTable(trials, completion),
    charts: costCharts(trials, completion),
    claims: [
      {
        of: 'completion, oba against lll, D&H, 400 Mbit/s (§5.4)',
        paper: '−18 %',
        ours: formatChange(ratio(trials, completion, 'D&H', 'lab', ['oba', 'lll'])),
        kind: 'test',
        why: lazyWaiting,
      },
      {
        of: 'completion, oba against ns, D&H, 400 Mbit/s (§5.4)',
        paper: '+10 %',
        ours: formatChange(ratio(trials, completion, 'D&H', 'lab', ['oba', 'ns'])),
        kind: 'test',
      },
      {
        of: 'completion, oba against lll, D&H, 40 Mbit/s (§5.4)',
        paper: 'lower',
        ours: formatChange(ratio(trials, completion, 'D&H', 'wan', ['oba', 'lll'])),
        kind: 'test',
        why:
          'Xen’s rule ends a guest after thirty rounds or three times its memory, whatever they gain. Under lll Web and App ' +
          'have the whole link for that and dirty little in each round; with a share of it, below their dirty rates, every ' +
          'round is nearly the whole working set. Where rounds end when they gain nothing, the two are about alike.',
      },
      {
        of: 'completion, S&L against D&H, ns, 40 Mbit/s (§5.4)',
        paper: 'much less',
        ours: formatChange(acrossWorkloads(trials, 'S&L', 'D&H')),
        kind: 'test',
      },
      {
        of: 'completion, L&SW against S&L, ns, 40 Mbit/s (§5.4)',
        paper: 'a little more',
        ours: formatChange(acrossWorkloads(trials, 'L&SW', 'S&L')),
        kind: 'test',
      },
      {
        of: 'cost, mo against ns, D&H, 40 Mbit/s (§5.4)',
        paper: '−47 %',
        ours: formatChange(ratio(trials, completion, 'D&H', 'wan', ['mo', 'ns'])),
        kind: 'fitted',
      },
      {
        of: 'mean cost, oba+mo against ns (§5.4)',
        paper: '−36 %',
        ours: formatChange(meanRatio(trials, [completion, traffic], ['oba+mo', 'ns'])),
        kind: 'test',
        why:
          `D&H alone: ${formatChange(meanRatio(trials, [completion, traffic], ['oba+mo', 'ns'], ['D&H']))}. S&L and L&SW, ` +
          'which nothing was fitted to, still gain a little in every round at 40 Mbit/s, so that pre-copy goes on for long; at ' +
          '400 Mbit/s they converge under ns as well.',
      },
      {
        of: 'mean cost, mo against ns (§4.2)',
        paper: 'up to −45 %',
        ours: formatChange(meanRatio(trials, [completion, traffic], ['mo', 'ns'])),
        kind: 'test',
      },
    ],
    notes: [
      'Means and standard deviations of three trials. “Cost” is not defined in the paper; here the mean of a quotient over ' +
        'completion and traffic, all workloads and both speeds, for D&H on the WAN completion alone.',
    ],
  }),
};

/** The mean completion of one workload ÷ that of another, under ns on the WAN. */
function acrossWorkloads(trials: Trials, workload: WorkloadName, other: WorkloadName): number {
  const mean = (name: WorkloadName) =>
    over(trials, { workload: name, testbed: 'wan', strategy: 'ns' }, completion.of).mean;
  return mean(workload) / mean(other);
}
