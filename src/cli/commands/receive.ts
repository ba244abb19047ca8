import { hostname } from 'node:os';
import type { Command } from 'commander';
import { openReceiver, type Receiver, type ReceiverEvent } from '../../index.ts';
import { formatSize } from '../../units.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { interruptible } from '../interrupt.ts';
import { type Endpoint, endpoint, optionWithDefault } from '../options.ts';
import { type PeerFlags, peerFlagsText, peerOptions, protection } from '../peer-options.ts';
import { verb } from '../verb.ts';

interface ReceiveOptions extends PeerFlags {
  readonly listen: Endpoint;
  readonly json?: boolean;
}

export function receiveCommand(cli: Cli): Command {
  const command = verb('receive', 'Take in domains that are migrated to this host, until interrupted.', [
    'vmbuddies receive --registry /tmp/there                                       from this machine only',
    'vmbuddies receive --listen 192.0.2.7:7070 --secret-file /etc/vmbuddies.secret',
    'vmbuddies receive --listen [fe80::1%eth0]:7070 --secret-file ~/secret --json',
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
    .addHelpText('after', secretHelp);
  for (const option of peerOptions()) command.addOption(option);
  return command.action(async ({ listen, json = false, ...flags }: ReceiveOptions) => {
    await using receiver = openReceiver({ ...listen, ...cli.where, ...protection(flags), independent: true });
    if (flags.secretFile === undefined && flags.insecure) cli.note(insecureWarning);
    if (json) cli.json({ kind: 'listening', address: receiver.address });
    else cli.result(receiver.address);
    cli.note(`Send domains here: vmbuddies migrate NAME… --to ${reachableAt(receiver)}${peerFlagsText(flags)}`);
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

/** What a sender can type: an address that stands for every one of this host's is none. */
function reachableAt({ host, port, address }: Receiver): string {
  return /^[0:.]+$/.test(host) ? `${hostname()}:${port}` : address;
}

const insecureWarning =
  'Warning: no secret. Whoever reaches this port can start a guest here, or hold memory and names; and a sender cannot ' +
  'know that it talks to this host.';

const secretHelp = `
Beyond loopback both sides need the same secret, for example from
  (umask 077; openssl rand -hex 32 > FILE)
copied to the other host. With it neither side deals with a stranger, and no message can be forged or repeated. Memory
is not encrypted: it can be read, and changed, on its way. Across networks that others use, go through a tunnel.
`;

function eventLine({ kind, domain, peer, message, bytes, times }: ReceiverEvent): string {
  if (times > 1) return message;
  const name = domain === '' ? 'a domain' : domain;
  const amount = bytes === 0 ? '' : `, ${formatSize(bytes)} received`;
  return `${name}: ${kind}, from ${peer}${amount}${message === '' ? '' : ` (${message})`}`;
}
