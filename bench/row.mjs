// One row of the benchmark, as the native program prints it (one JSON object per line) and as run() of a part in
// JavaScript yields it; and what a row says about its goal.

/**
 * @typedef {object} Reference
 * @property {string} name
 * @property {number} value in the row's unit
 */
/**
 * @typedef {object} Goal reported; only what lies beyond the fence, which is wide, fails the run
 * @property {'ratio' | 'ours'} of
 * @property {'atLeast' | 'atMost'} bound
 * @property {number} value
 * @property {number} fence
 */
/**
 * @typedef {object} Row
 * @property {string} part
 * @property {string} name
 * @property {string} unit
 * @property {number} ours
 * @property {Reference} [baseline] timed in the same run
 * @property {{value: number, of: 'baseline/ours' | 'ours/baseline'}} [ratio] present when there is a baseline
 * @property {Goal} [goal]
 * @property {Reference} [limit] what the machine cannot beat
 */

/** @param {Row} row @param {number} bound */
function holds(row, bound) {
  const figure = row.goal.of === 'ratio' ? row.ratio.value : row.ours;
  return row.goal.bound === 'atLeast' ? figure >= bound : figure <= bound;
}

/** Is the goal met? @param {Row} row */
export const meetsGoal = (row) => row.goal === undefined || holds(row, row.goal.value);

/** Is the row so far off that the run fails? @param {Row} row */
export const isBeyondFence = (row) => row.goal !== undefined && !holds(row, row.goal.fence);
