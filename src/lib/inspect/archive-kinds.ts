import { startsWith, toLatin1 } from '../sniff/bytes.ts';
import { parseTarHeader } from './tar-header.ts';

/** The kinds of archives that are looked into. */
export type ArchiveKind = 'zip' | 'tar' | 'gzip' | 'bzip2' | 'xz' | 'zstd' | '7z';

const MARKS: readonly (readonly [ArchiveKind | 'other', string])[] = [
  ['zip', 'PK\x03\x04'],
  ['zip', 'PK\x05\x06'],
  ['zip', 'PK\x07\x08PK\x03\x04'],
  ['zip', 'PK00PK\x03\x04'],
  ['gzip', '\x1f\x8b\x08'],
  ['xz', '\xfd7zXZ\0'],
  ['zstd', '\x28\xb5\x2f\xfd'],
  ['7z', '7z\xbc\xaf\x27\x1c'],
  ['other', 'Rar!\x1a\x07'],
  ['other', 'MSCF\0\0\0\0'],
  ['other', '\x1f\x9d'],
  ['other', 'xar!'],
  ['other', '!<arch>\n'],
  ['other', '070701'],
  ['other', 'LZIP\x01'],
];

const BZIP2 = /^BZh[1-9]$/;
const BZIP2_BLOCKS = ['1AY&SY', '\x17rE8P\x90'] as const;

/** What kind of archive something begins like; `other` is one that is not read. */
export function archiveKindOf(head: Uint8Array): ArchiveKind | 'other' | undefined {
  const marked = MARKS.find(([, mark]) => startsWith(head, mark))?.[0];
  if (marked !== undefined) return marked;
  if (BZIP2.test(toLatin1(head.subarray(0, 4))) && BZIP2_BLOCKS.some((mark) => startsWith(head, mark, 4))) {
    return 'bzip2';
  }
  return isTar(head) ? 'tar' : undefined;
}

function isTar(head: Uint8Array): boolean {
  if (head.length < 512 || head[0] === 0) return false;
  // Almost nothing that is no tar gets as far as the sum.
  const sum = toLatin1(head.subarray(148, 156));
  if (!/^[ \0]*[0-7]{1,7}[ \0]/.test(`${sum} `)) return false;
  try {
    return parseTarHeader(head.subarray(0, 512)) !== undefined;
  } catch {
    return false;
  }
}
