import type { Check } from '../../transfer/check.ts';
import { dim, green, type Line, red } from '../text.ts';

/** One check as a line, and what to do about it under it. */
export function checkLines({ verdict, subject, finding, fix }: Check): Line[] {
  const mark = { pass: green('pass'), fail: red('FAIL'), note: dim('note') }[verdict];
  const [first, ...more] = fix?.split('\n') ?? [];
  return [
    [mark, `  ${subject}: ${finding}`],
    ...(first === undefined ? [] : [`      fix: ${first}`]),
    ...more.map((line) => `           ${line}`),
  ];
}
