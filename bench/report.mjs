// The benchmark's rows, and how they are shown.
import { renderTable } from '../dist/cli/render/table.js';

/**
 * @typedef {object} Row
 * @property {string} part
 * @property {string} name
 * @property {string} unit of ours, baseline and limit
 * @property {number} ours
 * @property {number} [baseline] timed in the same run
 * @property {string} [baselineName]
 * @property {number} [ratio] present when there is a baseline
 * @property {'baseline/ours' | 'ours/baseline'} [ratioOf] default `baseline/ours`: how many times faster ours is
 * @property {string} [goal] of the ratio if it ends in `x`, otherwise of ours
 * @property {boolean | null} [met] whether the goal is
 * @property {number} [fence] beyond it the run fails
 * @property {boolean} [failed]
 * @property {number} [limit] what the machine cannot beat
 * @property {string} [limitName]
 */

const columns = [
  { title: '' },
  { title: 'ours', align: 'right' },
  { title: 'baseline', align: 'right' },
  { title: '' },
  { title: 'ratio', align: 'right' },
  { title: 'unit' },
  { title: 'goal' },
  { title: '' },
  { title: 'limit', align: 'right' },
  { title: '' },
];

/** @param {string} part @param {Row[]} rows */
export function print(part, rows) {
  const style = { dim: (text) => text };
  console.log(`\n== ${part}`);
  for (const line of renderTable({ columns, rows: rows.map(cells) }, style)) console.log(line);
}

/** @param {Row[]} rows */
export function printVerdict(rows, seconds) {
  const withGoal = rows.filter((row) => row.goal);
  const missed = withGoal.filter((row) => !row.met);
  console.log(`\n${withGoal.length - missed.length} of ${withGoal.length} goals met, in ${seconds.toFixed(0)} s.`);
  for (const row of missed) {
    const fence = row.fence === undefined ? '' : ` (${row.failed ? 'beyond the fence' : 'the fence is'} ${row.fence})`;
    console.log(`missed: ${row.part}: ${row.name}: ${figure(goalFigure(row))}, goal ${row.goal}${fence}`);
  }
}

/** @param {Row} row */
function cells(row) {
  return [
    row.name,
    figure(row.ours),
    figure(row.baseline),
    row.baselineName ?? '',
    row.ratio === undefined ? '' : `${figure(row.ratio)} x`,
    row.unit,
    row.goal ?? '',
    row.goal ? (row.met ? 'met' : 'MISSED') : '',
    figure(row.limit),
    row.limitName ?? '',
  ];
}

/** @param {Row} row */
function goalFigure(row) {
  return row.goal.endsWith(' x') ? row.ratio : row.ours;
}

/** Three digits, never an exponent. */
function figure(value) {
  if (value === undefined) return '';
  const magnitude = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(6, Math.max(0, 2 - magnitude)));
}
