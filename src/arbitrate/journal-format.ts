import { crc32 } from 'node:zlib';
import type { DomainKind } from '../domains/domain.ts';
import { VmbuddiesError } from '../errors.ts';
import type { Decision, GroupOutcome } from './protocol-messages.ts';

/** Where a group was told to go: enough to say to a person where to look. */
export interface JournalDestination {
  readonly kind: DomainKind;
  /** `HOST:PORT` for process domains, a host as ssh takes it for Xen domains. */
  readonly to: string;
  /** The command used in place of ssh; null: ssh, or none is needed. */
  readonly ssh: string | null;
  /** The file that the secret was read from, absolute, if there was one; never the secret itself. */
  readonly secretFile?: string;
  /** It was said that none is wanted. */
  readonly insecure?: boolean;
}

/** Who a journal's domains are. */
export interface JournalHome {
  /** The folder in which process domains are registered, absolute; null for others. */
  readonly registry: string | null;
  /** Of each domain, in the order of the names: the same on both sides of a migration, and never that of another. */
  readonly uuids: readonly string[];
}

/** Who wrote a journal. Whether it lives is told by its lock on the file; this is for people, and for the order. */
export interface JournalOwner {
  readonly pid: number;
  /** Of Linux's boot on which it ran. */
  readonly bootId: string;
  /** When the group began: milliseconds since 1970. */
  readonly beganMs: number;
}

/** What a group's journal holds: one `group`, then decisions, the last of which counts, then `end` if all is settled. */
export type JournalRecord =
  | {
      readonly type: 'group';
      readonly domains: readonly string[];
      readonly destination: JournalDestination | null;
      /** Absent in journals of before it was recorded. */
      readonly home?: JournalHome | null;
      readonly owner?: JournalOwner;
    }
  | { readonly type: 'decision'; readonly decision: Decision; readonly reason: string | null }
  | { readonly type: 'end'; readonly outcome: GroupOutcome };

/**
 * One record on one line: `{"crc":"1f2e3d4c","record":{…}}`. The CRC-32 is that of the record's text, continued from
 * the line before, so that a missing line shows as well as a damaged one. `previous` is 0 for the first line.
 */
export function encodeRecord(record: JournalRecord, previous: number): { line: Buffer; checksum: number } {
  const text = JSON.stringify(record);
  const checksum = crc32(text, previous);
  return { line: Buffer.from(`{"crc":"${hex(checksum)}","record":${text}}\n`), checksum };
}

export interface DecodedJournal {
  readonly records: readonly JournalRecord[];
  /** Length of the part that holds them. What follows is a torn last line: its append never resolved. */
  readonly validBytes: number;
  /** The last line's, for `encodeRecord`. */
  readonly checksum: number;
}

/**
 * Reads a journal's bytes. A last line without its end is left out: nobody has acted on it. A whole line that does not
 * match its checksum is an error wherever it stands, because somebody may have: ERR_VMBUDDIES_JOURNAL, naming the line.
 */
export function decodeJournal(bytes: Buffer, path: string): DecodedJournal {
  const validBytes = bytes.lastIndexOf('\n') + 1;
  const lines = bytes.toString('utf8', 0, validBytes).split('\n').slice(0, -1);
  let checksum = 0;
  const records = lines.map((line, at) => {
    const [, crc, text] = /^\{"crc":"([0-9a-f]{8})","record":(.*)\}$/.exec(line) ?? [];
    checksum = crc32(text ?? '', checksum);
    if (text === undefined || crc !== hex(checksum)) {
      throw new VmbuddiesError(
        'ERR_VMBUDDIES_JOURNAL',
        `${path}: line ${at + 1} is damaged or one before it is missing`,
        {
          operation: 'read',
        },
      );
    }
    return JSON.parse(text) as JournalRecord;
  });
  return { records, validBytes, checksum };
}

const hex = (checksum: number): string => checksum.toString(16).padStart(8, '0');
