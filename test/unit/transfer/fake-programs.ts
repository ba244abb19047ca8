import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A transport whose other host is this one: drops the host's name and gives the rest to a shell, as sshd does. */
export const localTransport = `sh -c 'shift; exec sh -c "$*"' transport`;

/** Shell scripts that stand in for programs of the same name, until disposed of. */
export class FakePrograms implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'vmbuddies-programs-'));
  readonly #path = process.env.PATH;

  constructor(programs: Readonly<Record<string, string>>) {
    for (const [name, script] of Object.entries(programs)) {
      const file = join(this.folder, name);
      writeFileSync(file, `#!/bin/sh\n${script}\n`);
      chmodSync(file, 0o755);
    }
    process.env.PATH = `${this.folder}${delimiter}${this.#path}`;
  }

  [Symbol.dispose](): void {
    process.env.PATH = this.#path;
    rmSync(this.folder, { recursive: true });
  }
}
