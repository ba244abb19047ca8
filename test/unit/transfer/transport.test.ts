import { describe, expect, it } from 'vitest';
import { runRemote, sshFlag, transportCommand } from '../../../src/transfer/transport.ts';
import { FakePrograms, localTransport } from './fake-programs.ts';

const remote = ['xl', 'migrate-receive'];
const call = { host: 'b', ssh: localTransport, timeoutMs: 10_000 };

describe('transportCommand', () => {
  it('is an ssh that asks nothing, notices a dead link, and leaves the bytes as they are', () => {
    expect(transportCommand({ host: 'root@b', remote }).join(' ')).toBe(
      'ssh -T -x -a -e none -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3 ' +
        '-o Compression=no -o ControlPath=none -o ClearAllForwardings=yes root@b xl migrate-receive',
    );
  });

  it('is the given command alone, where one is given', () => {
    expect(transportCommand({ host: 'b', ssh: "ssh -i '/root/a key'", remote })).toEqual([
      'ssh',
      '-i',
      '/root/a key',
      'b',
      'xl',
      'migrate-receive',
    ]);
  });

  it('quotes words for the shell at the other end', () => {
    expect(transportCommand({ host: 'b', ssh: 'rsh', remote: ['xl', 'destroy', "it's; here"] }).at(-1)).toBe(
      `'it'\\''s; here'`,
    );
  });

  it.each(['', '-oProxyCommand=reboot', 'a b', '\n'])('refuses %j as a host', (host) => {
    expect(() => transportCommand({ host, remote })).toThrow(
      expect.objectContaining({ code: 'ERR_VMBUDDIES_ARGUMENT', message: `'${host}' is not the name of a host` }),
    );
  });

  it('refuses a transport without words', () => {
    expect(() => transportCommand({ host: 'b', ssh: ' ', remote })).toThrow('the transport command has no words');
  });
});

describe('sshFlag', () => {
  it('is nothing for ssh itself, and quoted where a shell would split it', () => {
    expect([{}, { ssh: 'rsh' }, { ssh: "rsh -i 'a'" }].map(sshFlag)).toEqual([
      '',
      ' --ssh rsh',
      ` --ssh 'rsh -i '\\''a'\\'''`,
    ]);
  });
});

describe('runRemote', () => {
  it('resolves with what was printed and the exit code, whatever it is', async () => {
    const command = ['sh', '-c', 'echo "out  put"; echo complaint >&2; exit 3'];
    expect(await runRemote({ ...call, command })).toEqual({
      stdout: 'out  put\n',
      stderr: 'complaint\n',
      exitCode: 3,
    });
  });

  it('gives the command nothing to read', async () => {
    expect((await runRemote({ ...call, command: ['cat'] })).stdout).toBe('');
  });

  it("tells ssh's own failure from the command's, in ssh's words", async () => {
    using _ = new FakePrograms({ ssh: 'echo "ssh: connect to host b port 22: Connection refused" >&2; exit 255' });
    await expect(runRemote({ host: 'b', command: ['true'], timeoutMs: 10_000 })).rejects.toMatchObject({
      code: 'ERR_VMBUDDIES_PEER',
      message: 'b cannot be reached: ssh: connect to host b port 22: Connection refused',
    });
  });

  it('ends a command that takes too long', async () => {
    await expect(runRemote({ ...call, command: ['sleep', '60'], timeoutMs: 100 })).rejects.toMatchObject({
      code: 'ERR_VMBUDDIES_DEADLINE',
      message: 'sh did not end within 0.1 s',
    });
  });

  it('does not take in output without an end', async () => {
    await expect(runRemote({ ...call, command: ['yes'] })).rejects.toMatchObject({ code: 'ERR_VMBUDDIES_SYSTEM' });
  });

  it('says which program is missing', async () => {
    await expect(runRemote({ ...call, ssh: 'no-such-rsh', command: ['true'] })).rejects.toMatchObject({
      code: 'ERR_VMBUDDIES_UNAVAILABLE',
      message: 'there is no program "no-such-rsh" here',
    });
  });
});
