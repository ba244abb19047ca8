import type { Check } from '../../transfer/check.ts';
import type { Style } from './style.ts';

/** One check as a line, and what to do about it under it. */
export function checkLine({ verdict, subject, finding, fix }: Check, style: Style): string {
  const mark = { pass: style.green('pass'), fail: style.red('FAIL'), note: style.dim('note') }[verdict];
  return `${mark}  ${subject}: ${finding}${fix === null ? '' : `\n      fix: ${fix.replaceAll('\n', '\n           ')}`}`;
}
