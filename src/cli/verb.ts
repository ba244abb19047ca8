import { Command } from 'commander';

/** A verb of the program, its help beginning with examples. */
export function verb(usage: string, description: string, examples: readonly string[]): Command {
  return new Command(usage)
    .description(description)
    .addHelpText('before', `Examples:\n${examples.map((example) => `  $ ${example}\n`).join('')}`);
}
