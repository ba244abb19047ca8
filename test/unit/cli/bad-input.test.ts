import { describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { FakeHost } from './fake-host.ts';

/** Command line → what its one line of complaint must say. */
const cases: readonly (readonly [string, RegExp])[] = [
  ['strat', /unknown command 'strat' \(Did you mean start\?\)/],
  ['migrat web', /unknown command 'migrat' \(Did you mean migrate\?\)/],
  ['list --jsno', /unknown option '--jsno' \(Did you mean --json\?\)/],
  ['list web', /too many arguments/],
  ['start', /missing required argument 'name'/],
  ['start web web', /web is named twice/],
  ['start web --memory 256', /'256' has no unit: xl would read it as KiB/],
  ['start web --memory 0MiB', /must be above zero/],
  ['start web --memory lots', /'lots' is not a size/],
  ['start web --workload busy', /Allowed choices are idle, steady, on-off, waves/],
  ['start web --hot-writes 20000', /'20000' has no unit: per what\? Write 500\/s/],
  ['start web --low 1.5', /is not a share from 0 to 1/],
  ['start web --period 4', /'4' has no unit/],
  ['start web --seed -1', /is not a whole number/],
  ['start web --wws 300MiB', /--wws is more than --memory/],
  ['start web --wws 200MiB --used 100MiB', /--wws is more than --used/],
  ['start web --used 300MiB', /--used is more than --memory/],
  ['start web --hot 200MiB --wws 100MiB', /--hot is more than --wws/],
  ['start web --workload idle --hot-writes 5/s', /--hot-writes has no meaning for --workload idle/],
  ['start web --workload steady --period 4s', /--period has no meaning for --workload steady/],
  ['measure', /missing required argument 'domain'/],
  ['measure web --window 100', /'100' has no unit/],
  ['measure web --for 0s', /must be above zero/],
  ['wws', /missing required argument 'domain'/],
  ['wws web --interval soon', /'soon' is not a time/],
  ['receive --listen 7070', /'7070' is not HOST:PORT/],
  ['receive --listen 127.0.0.1:99999', /is not HOST:PORT/],
  ['receive here', /too many arguments/],
  ['migrate --to 127.0.0.1:7070', /missing required argument 'domain'/],
  ['migrate web', /required option '--to <host>' not specified/],
  ['migrate web --to -oProxyCommand=reboot', /'-oProxyCommand=reboot' is neither HOST:PORT nor a host/],
  ['migrate web --to b --engine qemu', /Allowed choices are auto, vmbuddies, libxenguest/],
  ['migrate web --to b --ssh', /argument missing/],
  ['preflight --to b', /missing required argument 'domain'/],
  ['preflight web', /required option '--to <host>' not specified/],
  ['preflight web web --to b', /web is named twice/],
  ['sweep --to b', /missing required argument 'domain'/],
  ['sweep web', /required option '--to <host>' not specified/],
  ['sweep web --to b --ssh "ssh', /from "ssh on it takes a shell to read, and there is none/],
  ['migrate web web --to 127.0.0.1:7070', /web is named twice/],
  ['migrate web --to 127.0.0.1:7070 --link 400', /'400' has no unit: is it bits or bytes/],
  ['migrate web --to 127.0.0.1:7070 --link 50Mb/s', /can mean bits or bytes/],
  ['migrate web --to 127.0.0.1:7070 --link 0MB/s', /a rate of zero moves nothing/],
  ['migrate web --to 127.0.0.1:7070 --strategy best', /Allowed choices are ns, mo, lll/],
  ['migrate web --to 127.0.0.1:7070 --max-downtime 300', /'300' has no unit/],
  ['resume', /missing required argument 'domain'/],
  ['destroy', /missing required argument 'domain'/],
  ['destroy web web', /web is named twice/],
  ['demo now', /too many arguments/],
  ['demo --scale 2', /is not a scale from 1\/64 to 1/],
  ['demo --link unlimited', /the demo needs a limited link/],
  ['demo --compare ns,best', /there is no strategy 'best'; there are ns, mo/],
  ['demo --strategy ns --compare ns,mo', /cannot be used with option '--compare/],
  ['demo --seed one', /is not a whole number/],
  ['doctor me', /too many arguments/],
  ['list --registry', /argument missing/],
];

describe('bad usage', () => {
  it.each(cases)('"%s" ends with 2 and one clear line, nothing tried', async (line, complaint) => {
    const host = new FakeHost();
    expect(await run(line.split(' '), host)).toBe(2);
    expect(host.stdout.text).toBe('');
    expect(host.stderr.lines).toHaveLength(1);
    expect(host.stderr.text).toMatch(/^vmbuddies: /);
    expect(host.stderr.text).toMatch(complaint);
  });
});
