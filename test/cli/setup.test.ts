import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const setUp = (env: Record<string, string>) =>
  spawnSync(process.execPath, ['scripts/setup.mjs'], { env: { ...process.env, ...env }, encoding: 'utf8' });

describe('setting up a clone', () => {
  it('ends with one line that says what to install when there is no compiler', () => {
    const { status, stderr } = setUp({ CXX: '/nonexistent/c++' });
    expect(status).toBe(1);
    expect(stderr).toBe(
      'vmbuddies: No C++ compiler (/nonexistent/c++): install one, on Debian with "apt-get install g++ make python3".\n',
    );
  });

  it('names everything that is missing', () => {
    const { status, stderr } = setUp({ PATH: '/nonexistent', CXX: '' });
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(3);
  });
});
