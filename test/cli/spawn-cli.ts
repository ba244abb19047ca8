import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const program = fileURLToPath(new URL('../../dist/bundle/vmbuddies.js', import.meta.url));

export interface Ending {
  readonly code: number | null;
  /** Which one killed it; null where it ended by itself. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program under test, running. */
export class Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ending>;
  stdout = '';
  stderr = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => resolve({ code, signal, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** Resolves with the first match of `pattern` in what it prints; rejects when it ends without. */
  async prints(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<string> {
    let over = false;
    this.ended.then(() => {
      over = true;
    });
    for (;;) {
      const found = pattern.exec(this[stream]);
      if (found !== null) return found[0];
      if (over) throw new Error(`ended without printing ${pattern}:\n${this.stdout}\n${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** Two hosts on this machine, each a registry of its own; both are gone at the end, with every domain in them. */
export class Sandbox implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'vmbuddies-test-'));
  readonly here = join(this.folder, 'here');
  readonly there = join(this.folder, 'there');
  readonly program = program;
  readonly #started: Running[] = [];

  /** What makes the program see this sandbox, and nothing else. */
  get env(): Record<string, string> {
    return { VMBUDDIES_REGISTRY: this.here, VMBUDDIES_STATE: join(this.folder, 'state'), TMPDIR: this.folder };
  }

  start(args: readonly string[], env: Record<string, string> = {}): Running {
    return this.#running(process.execPath, [program, ...args], env);
  }

  /** A line for a shell, in which `vmbuddies` is the program under test. */
  shell(line: string): Running {
    const words = `'${process.execPath}' '${program}'`;
    return this.#running('sh', ['-c', line.replace(/vmbuddies(?= )/g, words)]);
  }

  /** The program on a terminal of its own (util-linux's script makes it, and hands on what is typed and shown). */
  terminal(args: readonly string[], { columns = 80, rows = 24 } = {}): Running {
    const words = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ');
    const line = `stty cols ${columns} rows ${rows}; echo "pid $$"; exec ${words}`;
    return this.#running('script', ['-qefc', line, '/dev/null'], { TERM: 'xterm' });
  }

  run(line: string, env: Record<string, string> = {}): Promise<Ending> {
    return this.start(line.split(' '), env).ended;
  }

  async domains(registry: string): Promise<{ name: string; state: string; writes: number; presentBytes: number }[]> {
    const { stdout } = await this.run(`list --json --registry ${registry}`);
    return JSON.parse(stdout).domains;
  }

  /** A receiver of the other host; its address is the first line it prints. */
  async receive(): Promise<{ receiver: Running; address: string }> {
    const receiver = this.start(['receive', '--registry', this.there]);
    return { receiver, address: await receiver.prints('stdout', /^127\.0\.0\.1:\d+$/m) };
  }

  #running(command: string, args: readonly string[], env: Record<string, string> = {}): Running {
    const running = new Running(spawn(command, args, { env: { ...process.env, ...this.env, ...env } }));
    this.#started.push(running);
    return running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A test that failed has left some of them.
    for (const { child } of this.#started)
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    for (const registry of [this.here, this.there]) {
      for (const { name } of await this.domains(registry)) await this.run(`destroy ${name} --registry ${registry}`);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
