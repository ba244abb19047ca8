import type { Command } from 'commander';
import { openReceiver, type ReceiverEvent } from '../../index.ts';
import { formatSize } from '../../units.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { interruptible } from '../interrupt.ts';
import { type Endpoint, endpoint, optionWithDefault } from '../options.ts';
import { verb } from '../verb.ts';

interface ReceiveOptions {
  readonly listen: Endpoint;
  readonly json?: boolean;
}

export function receiveCommand(cli: Cli): Command {
  return verb('receive', 'Take in domains that are migrated to this host, until interrupted.', [
    'vmbuddies receive --listen 0.0.0.0:7070',
    'vmbuddies receive --registry /tmp/there --json',
  ])
    .addOption(
      optionWithDefault(
        '--listen <host:port>',
        'address to listen on; port 0 takes any free one, and which is printed',
        endpoint,
        '127.0.0.1:0',
      ),
    )
    .option('--json', 'JSON lines: {"kind":"listening","address":…}, then one per event')
    .action(async ({ listen, json = false }: ReceiveOptions) => {
      await using receiver = openReceiver({ ...listen, ...cli.where, independent: true });
      if (json) cli.json({ kind: 'listening', address: receiver.address });
      else cli.result(receiver.address);
      cli.note(`Send domains here: vmbuddies migrate NAME… --to ${receiver.address}`);
      const farewell = 'Stopping: what is still arriving is dropped and stays at its source; what has started runs on.';
      await interruptible(cli, farewell, async ({ signal }) => {
        signal.addEventListener('abort', () => receiver.close(), { once: true });
        for await (const event of receiver) {
          if (json) cli.json(event);
          else cli.result(eventLine(event));
        }
      });
      // Being interrupted is how a receiver is meant to end.
      cli.exitCode = exitCodes.done;
    });
}

function eventLine({ kind, domain, peer, message, bytes }: ReceiverEvent): string {
  const name = domain === '' ? 'a domain' : domain;
  const amount = bytes === 0 ? '' : `, ${formatSize(bytes)} received`;
  return `${name}: ${kind}, from ${peer}${amount}${message === '' ? '' : ` (${message})`}`;
}
