import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { destroyDomain, domainConfig } from '../../../src/transfer/xl.ts';
import { FakePrograms } from './fake-programs.ts';

const fails = (complaint: string) => `echo "${complaint}" >&2; exit 1`;
const prints = (text: string) => `cat <<'END'\n${text}\nEND`;

describe('domainConfig', () => {
  it("is the configuration that `xl list -l` prints for the domain's number", async () => {
    const config = { c_info: { name: 'web', domid: 7 }, b_info: { target_memkb: 131072 } };
    using xl = new FakePrograms({
      xl: `echo "$@" >"$(dirname "$0")/called"; ${prints(JSON.stringify([{ domid: 7, config }], null, 4))}`,
    });
    expect(await domainConfig(7)).toEqual(config);
    expect(readFileSync(join(xl.folder, 'called'), 'utf8')).toBe('list -l 7\n');
  });

  it.each([
    [fails("Error: Domain '7' does not exist."), 'ERR_VMBUDDIES_DOMAIN_NOT_FOUND', 'there is no domain 7'],
    [
      fails('libxl_domain_info failed (code -3).'),
      'ERR_VMBUDDIES_SYSTEM',
      'xl list of domain 7: libxl_domain_info failed (code -3).',
    ],
    ['exit 4', 'ERR_VMBUDDIES_SYSTEM', 'xl list of domain 7: exit code 4'],
    [prints('[]'), 'ERR_VMBUDDIES_SYSTEM', 'xl knows no configuration of domain 7: was it made by xl?'],
    [prints('{"domid":7}'), 'ERR_VMBUDDIES_SYSTEM', 'xl knows no configuration of domain 7: was it made by xl?'],
    [
      prints('[{"config":{"c_info":{},"iomem":18446744073709551615}}]'),
      'ERR_VMBUDDIES_SYSTEM',
      'what "xl list -l 7" printed cannot be used: iomem is too large a number',
    ],
  ])('after %j rejects with %s', async (script, code, message) => {
    using _ = new FakePrograms({ xl: script });
    await expect(domainConfig(7)).rejects.toMatchObject({ code, message });
  });

  it('rejects with the bytes at fault when xl prints no JSON', async () => {
    using _ = new FakePrograms({ xl: 'echo Name ID Mem' });
    await expect(domainConfig(7)).rejects.toMatchObject({
      code: 'ERR_VMBUDDIES_SYSTEM',
      message: expect.stringContaining('what "xl list -l 7" printed cannot be used: '),
    });
  });

  it('says what to install where there is no xl', async () => {
    await expect(domainConfig(7)).rejects.toMatchObject({
      code: 'ERR_VMBUDDIES_UNAVAILABLE',
      message: 'there is no xl here: install xen-utils',
    });
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses domain %d', async (domid) => {
    await expect(domainConfig(domid)).rejects.toMatchObject({ code: 'ERR_VMBUDDIES_ARGUMENT' });
    await expect(destroyDomain(domid)).rejects.toMatchObject({ code: 'ERR_VMBUDDIES_ARGUMENT' });
  });
});

describe('destroyDomain', () => {
  it.each([
    ['exit 0'],
    [fails('libxl: error: libxl_domain.c:1133:libxl__destroy_domid: Domain 7:Non-existant domain')],
  ])('is content once the domain is gone: %s', async (script) => {
    using _ = new FakePrograms({ xl: script });
    await expect(destroyDomain(7)).resolves.toBeUndefined();
  });

  it("rejects with xl's last words otherwise", async () => {
    using _ = new FakePrograms({ xl: fails('libxl: error: no\ndestroy failed (rc=-3)') });
    await expect(destroyDomain(7)).rejects.toMatchObject({
      code: 'ERR_VMBUDDIES_SYSTEM',
      message: 'xl destroy of domain 7: destroy failed (rc=-3)',
    });
  });
});
