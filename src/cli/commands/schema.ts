import { Argument, type Command } from 'commander';
import { fileSchema } from '../../files/read-file.ts';
import type { Cli } from '../cli.ts';
import { verb } from '../verb.ts';

export function schemaCommand(cli: Cli): Command {
  return verb('schema', 'Print the JSON schema of a kind of file, for editors that check and complete it.', [
    'vmbuddies schema application > application.schema.json',
    'vmbuddies schema scenario',
  ])
    .addArgument(new Argument('<kind>', 'which kind of file').choices(['application', 'scenario']))
    .action(async (kind: 'application' | 'scenario') =>
      cli.result(...JSON.stringify(await fileSchema(kind), null, 2).split('\n')),
    );
}
