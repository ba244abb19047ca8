import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { examine } from '../doctor.ts';
import { exitCodes } from '../exit-codes.ts';
import { checkLines } from '../render/checks.ts';
import { verb } from '../verb.ts';

export function doctorCommand(cli: Cli): Command {
  return verb('doctor', 'Check whether this machine can run and migrate domains, and say what to mend.', [
    'vmbuddies doctor',
    'vmbuddies doctor --json',
  ])
    .option('--json', 'one JSON object: {"schema":1,"usable":…,"checks":[…]}')
    .action(async ({ json = false }: { json?: boolean }) => {
      const checks = await examine(cli.where);
      const usable = checks.every((check) => check.verdict !== 'fail');
      if (json) cli.json({ schema: 1, usable, checks });
      else for (const check of checks) cli.result(...checkLines(check));
      if (!usable) {
        cli.exitCode = exitCodes.unavailable;
        cli.note('Not everything works here yet: mend what failed, first line first.');
      }
    });
}
