import type { Table } from '../report/table.ts';
import { calibrations } from './calibration.ts';
import type { Claim, Figure } from './figure.ts';

/** All figures as one page. */
export function evaluationPage(figures: readonly Figure[]): string {
  return [
    '# The paper’s evaluation',
    '<!-- Written by `vmbuddies reproduce --markdown`; CI checks that it is current. -->',
    'The evaluation of the paper (§5), run again in the simulator, which drives the same arbitrator, strategies and stop ' +
      'rules as a real migration. The paper’s stated numbers stand beside what comes out here. Its figures have no ' +
      'numbers in its text; what they show is compared only where the text says it.',
    '## Stated numbers',
    markdownTable(claimsTable(figures.flatMap(({ claims }) => claims))),
    '“Fitted”: parameters were chosen so that it comes out, so it proves nothing. “Test”: nothing was.',
    ...reasons(figures.flatMap(({ claims }) => claims)),
    '## What was fitted',
    markdownTable({
      columns: [{ title: 'Parameters' }, { title: 'From' }],
      rows: calibrations.map(({ parameters, from }) => [parameters, from]),
    }),
    ...figures.flatMap((figure) => [`## ${figure.title}`, markdownTable(figure.table), ...figure.notes]),
  ]
    .join('\n\n')
    .concat('\n');
}

/** The paper's numbers beside ours. */
export function claimsTable(claims: readonly Claim[]): Table {
  return {
    columns: [
      { title: 'WHAT' },
      { title: 'PAPER', align: 'right' },
      { title: 'HERE', align: 'right' },
      { title: 'KIND' },
    ],
    rows: claims.map(({ of, paper, ours, kind }) => [of, paper, ours, kind]),
  };
}

export function markdownTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ align = 'left' }) => (align === 'right' ? '---:' : '---'))),
    ...rows.map(line),
  ].join('\n');
}

function reasons(claims: readonly Claim[]): string[] {
  const differing = claims.flatMap(({ of, why }) => (why === undefined ? [] : [`- ${of}: ${why}`]));
  return differing.length > 0 ? ['Why ours differs:', differing.join('\n')] : [];
}
