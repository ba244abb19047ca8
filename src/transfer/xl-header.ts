import { VmbuddiesError } from '../errors.ts';

/** tools/xl/xl.h: `savefileheader_magic`, "Xen saved domain, xl format" padded to 32 bytes. */
const magic = Buffer.from('Xen saved domain, xl format\n \0 \r', 'latin1');
/** `SAVEFILE_BYTEORDER_VALUE`: reads back the same where the byte order is the same. */
const byteOrder = 0x01020304;
/** `XL_MANDATORY_FLAG_JSON | XL_MANDATORY_FLAG_STREAMv2`; without the second the receiver runs its converter of old streams. */
const mandatoryFlags = 3;
const fixedBytes = 48;

/**
 * What an `xl migrate-receive` reads before libxl's own stream: `struct save_file_header` (tools/xl/xl.h), then the
 * configuration's length and its JSON with a NUL at the end. `config` is {@link domainConfig}'s; the domain number in it
 * becomes 0, as xl itself writes (xl_saverestore.c), since any other would be forced upon the destination.
 * `targetBytes`, unless 0, becomes the memory target, by which the receiver caps what the domain may have.
 * @throws {VmbuddiesError} ERR_VMBUDDIES_ARGUMENT if it is not a domain's configuration
 */
export function xlHeader(config: unknown, targetBytes = 0): Uint8Array {
  if (!isDomainConfig(config)) throw new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', 'this is no domain configuration');
  const held = targetBytes === 0 ? {} : { b_info: withTarget(config, targetBytes) };
  const json = Buffer.from(`${JSON.stringify({ ...config, ...held, c_info: { ...config.c_info, domid: 0 } })}\0`);
  const header = Buffer.alloc(fixedBytes + 4);
  magic.copy(header);
  header.writeUInt32LE(byteOrder, 32);
  header.writeUInt32LE(mandatoryFlags, 36);
  header.writeUInt32LE(0, 40);
  header.writeUInt32LE(4 + json.length, 44);
  header.writeUInt32LE(json.length, fixedBytes);
  return Buffer.concat([header, json]);
}

/** Whether `value` has what every `libxl_domain_config` has. */
export function isDomainConfig(value: unknown): value is { c_info: object } {
  return isObject(value) && 'c_info' in value && isObject(value.c_info);
}

function withTarget(config: object, targetBytes: number): object {
  const build = 'b_info' in config && isObject(config.b_info) ? config.b_info : {};
  return { ...build, target_memkb: Math.floor(targetBytes / 1024) };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
