import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { busy, eventually, MiB, namesIn, sites, stillWorks } from '../support/sites.ts';

// Workers and child processes load the built package: they must not depend on the test runner's transforms.
const library = new URL('../../dist/bundle/index.js', import.meta.url).href;

/** Source of a module that begins `count` slow migrations of the domains given, and then goes on to `then`. */
const migrateThen = (registry: string, to: string, journalFolder: string, domains: string[], then: string) => `
  import { openDomain, migrateGroup, migrate } from ${JSON.stringify(library)};
  const runs = ${JSON.stringify(domains)}.map((name) =>
    migrate(openDomain(name, { registry: ${JSON.stringify(registry)} }), {
      to: ${JSON.stringify(to)}, bytesPerSecond: ${2 * MiB}, journalFolder: ${JSON.stringify(journalFolder)},
    }));
  for await (const event of delays()) ${then}
  async function* delays() { await new Promise((r) => setTimeout(r, 300)); yield; }
`;

describe('the end of an environment while migrations run', () => {
  it('survives the termination of 10 workers in turn, each in the middle of a migration', async () => {
    const { here, there, start, receive, journalFolder } = sites();
    const web = await start('web', busy(1));
    const { address } = receive();
    for (let round = 0; round < 10; round++) {
      const code = migrateThen(here, address, journalFolder, ['web'], '{ postMessage("going") } await runs[0].result;');
      const source = `import { parentPort } from 'node:worker_threads'; const postMessage = (m) => parentPort.postMessage(m);${code}`;
      const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
      await once(worker, 'message');
      await worker.terminate();
      await eventually(() => namesIn(there).length === 0, 'the destination has dropped its copy');
      expect(await stillWorks(web)).toBe(true);
      expect(namesIn(here)).toEqual(['web']);
    }
    expect(await web.verify()).toMatchObject({ intact: true });
  });

  it.each([
    ['process.exit(7)', 'process.exit(7);', 7],
    ['an uncaught exception', 'throw new Error("on purpose");', 1],
  ])('ends with the right exit code on %s, and the guests stay', async (_, then, code) => {
    const { here, there, start, receive, journalFolder } = sites();
    const domains = [await start('web', busy(1)), await start('db', busy(2))];
    const source = migrateThen(here, receive().address, journalFolder, ['web', 'db'], then);
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'ignore' });
    const [exitCode] = await once(child, 'exit');
    expect(exitCode).toBe(code);
    await eventually(() => namesIn(there).length === 0, 'the destination has dropped its copies');
    for (const domain of domains) expect(await stillWorks(domain)).toBe(true);
    expect(namesIn(here)).toEqual(['db', 'web']);
  });

  it.each([
    ['brings a guest back that is suspended and prepared', '', 'running'],
    // COMMIT may be on record by then: a guest that ran on could become two.
    ['leaves a guest suspended that has pledged to wait for the decision', 'migration.pledge();', 'paused'],
  ] as const)('%s when the process exits', async (_, pledge, state) => {
    const { here, there, start, receive } = sites();
    const web = await start('web', busy(1));
    const options = {
      registry: here,
      domain: 'web',
      host: '127.0.0.1',
      port: receive().port,
      tracker: 'auto',
      secret: null,
      stopRule: 'converged',
      downtimeSeconds: 0,
      bytesPerSecond: 100 * MiB,
      holdAtStart: false,
      holdAtSynchropoint: false,
      holdWhenPrepared: true,
      suspendTimeoutSeconds: 5,
      maxPauseSeconds: 0,
      connectTimeoutSeconds: 5,
      stallTimeoutSeconds: 10,
    };
    const source = `
      import { native } from ${JSON.stringify(new URL('../native/load.js', library).href)};
      const migration = native().openMigration(${JSON.stringify(options)});
      migration.run(({ type, state }) => {
        if (type !== 'state' || state !== 'prepared') return;
        ${pledge}
        process.exit(7);
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'ignore' });
    const [exitCode] = await once(child, 'exit');
    expect(exitCode).toBe(7);
    expect(web.info().state).toBe(state);
    if (state === 'running') expect(await stillWorks(web)).toBe(true);
    await eventually(() => namesIn(there).length === 0, 'the destination has dropped its copy');
  });

  it('leaves the guest at work and its dirty log free when the migrating process is killed', async () => {
    const { here, there, start, receive, journalFolder } = sites();
    const web = await start('web', busy(1));
    const source = migrateThen(
      here,
      receive().address,
      journalFolder,
      ['web'],
      'process.kill(process.pid, "SIGKILL");',
    );
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'ignore' });
    await once(child, 'exit');
    await eventually(() => namesIn(there).length === 0, 'the destination has dropped its copy');
    expect(await stillWorks(web)).toBe(true);
    const log = await web.openDirtyLog();
    await log[Symbol.asyncDispose]();
  });

  it('ends dependent guests with the process that started them, however it ends', async () => {
    const { here } = sites();
    const source = `
      import { startDomain } from ${JSON.stringify(library)};
      for (const name of ['a', 'b']) await startDomain({ name, memoryBytes: ${MiB}, registry: ${JSON.stringify(here)} });
      console.log('started');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    expect(namesIn(here)).toEqual(['a', 'b']);
    child.kill('SIGKILL');
    await eventually(() => namesIn(here).length === 0, 'the guests have ended');
  });

  it('lets a dependent guest outlive the worker that started it: its owner is the process', async () => {
    const { here } = sites();
    const source = `
      import { parentPort } from 'node:worker_threads';
      import { startDomain } from ${JSON.stringify(library)};
      await startDomain({ name: 'a', memoryBytes: ${MiB}, registry: ${JSON.stringify(here)} });
      parentPort.postMessage('started');
      setInterval(() => {}, 1000);`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
    await once(worker, 'message');
    await worker.terminate();
    expect(namesIn(here)).toEqual(['a']);
  });
});
