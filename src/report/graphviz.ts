import type { Flow, GroupStep } from '../index.ts';
import { formatDuration, formatRate } from '../units.ts';

/** An application's flows in Graphviz's language: each group a cluster, in the order in which they move; split flows dashed. */
export function groupsGraph(name: string, steps: readonly GroupStep[], flows: readonly Flow[]): string {
  const groupOf = new Map(steps.flatMap(({ domains }, group) => domains.map((domain) => [domain, group] as const)));
  const clusters = steps.flatMap(({ domains, seconds }, group) => [
    `  subgraph cluster_${group} {`,
    `    label=${quoted(`${group + 1}: ${formatDuration(seconds * 1000)}`)};`,
    ...domains.map((domain) => `    ${quoted(domain)};`),
    '  }',
  ]);
  const edges = flows.map(({ from, to, bytesPerSecond }) => {
    const style = groupOf.get(from) === groupOf.get(to) ? '' : ', style=dashed';
    return `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(formatRate(bytesPerSecond))}${style}];`;
  });
  return [`digraph ${quoted(name)} {`, '  rankdir=LR;', '  node [shape=box];', ...clusters, ...edges, '}'].join('\n');
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
