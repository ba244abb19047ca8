import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type Check, examine } from '../doctor.ts';
import { exitCodes } from '../exit-codes.ts';
import { verb } from '../verb.ts';

export function doctorCommand(cli: Cli): Command {
  return verb('doctor', 'Check whether this machine can run and migrate process domains, and say what to mend.', [
    'vmbuddies doctor',
    'vmbuddies doctor --json',
  ])
    .option('--json', 'one JSON object: {"schema":1,"usable":…,"checks":[…]}')
    .action(async ({ json = false }: { json?: boolean }) => {
      const checks = await examine(cli.registry);
      const usable = checks.every((check) => check.verdict !== 'fail');
      if (json) cli.json({ schema: 1, usable, checks });
      else for (const check of checks) cli.result(checkLine(cli, check));
      if (!usable) {
        cli.exitCode = exitCodes.unavailable;
        cli.note('This machine cannot run process domains yet: mend what failed, first line first.');
      }
    });
}

function checkLine(cli: Cli, { verdict, subject, finding, fix }: Check): string {
  const style = cli.style('stdout');
  const mark = { pass: style.green('pass'), fail: style.red('FAIL'), note: style.dim('note') }[verdict];
  return `${mark}  ${subject}: ${finding}${fix === null ? '' : `\n      fix: ${fix}`}`;
}
