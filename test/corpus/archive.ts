import { crc32, deflateRawSync } from 'node:zlib';
import { join, latin1 } from './bytes.ts';

export type Entry = {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly isDeflated?: boolean;
  /** sizes and checksum stand behind the data, as writers to a stream leave them */
  readonly isStreamed?: boolean;
  /** what the local header says instead */
  readonly localName?: string;
  /** where the directory says that the entry is, instead of where it is */
  readonly start?: number;
  readonly isLeftOutOfDirectory?: boolean;
  readonly extra?: Uint8Array;
  /** with a password, which nobody tells */
  readonly isEncrypted?: boolean;
  /** the number of how the content, given as it is in the archive, was packed */
  readonly method?: number;
  /** what both headers say instead of what it has */
  readonly saidBytes?: number;
  /** what the directory alone says instead of what it has */
  readonly listedMethod?: number;
  /** the file's mode, as a Unix writes it */
  readonly mode?: number;
};

export type Frame = {
  readonly before?: Uint8Array | string;
  readonly after?: Uint8Array | string;
  readonly comment?: Uint8Array | string;
  /** whether offsets count from the start of the file, what stands before the archive included */
  readonly countsBefore?: boolean;
  readonly is64?: boolean;
  /** fields of the end, to say something else in them */
  readonly end?: {
    readonly entries?: number;
    readonly size?: number;
    readonly start?: number;
    readonly disk?: number;
  };
};

function u16(value: number): Buffer {
  return Buffer.from([value & 255, (value >> 8) & 255]);
}
function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value % 2 ** 32);
  return bytes;
}
function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** A zip archive to order, honest or not (APPNOTE.TXT 6.3). */
export function archive(entries: readonly Entry[], frame: Frame = {}): Buffer {
  const { before = '', after = '', comment = '', countsBefore = false, is64 = false, end = {} } = frame;
  const base = countsBefore ? join(before).length : 0;
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = base;
  for (const entry of entries) {
    const { name, isDeflated = false, isStreamed = false, extra = Buffer.alloc(0) } = entry;
    const content = join(entry.content);
    const data = isDeflated ? deflateRawSync(content) : content;
    const { isEncrypted = false, mode = 0, saidBytes = content.length } = entry;
    const sums = [u32(crc32(content)), u32(data.length), u32(saidBytes)];
    const zeros = [u32(0), u32(0), u32(0)];
    const method = entry.method ?? (isDeflated ? 8 : 0);
    const flags = (isStreamed ? 8 : 0) | (isEncrypted ? 1 : 0);
    const headOf = (said: number) => [u16(20), u16(flags), u16(said), u16(0), u16(0x21)];
    const localName = join(entry.localName ?? name);
    const local = join(
      latin1('PK\x03\x04'),
      ...headOf(method),
      ...(isStreamed ? zeros : sums),
      u16(localName.length),
      u16(extra.length),
      localName,
      extra,
      data,
      ...(isStreamed ? [latin1('PK\x07\x08'), ...sums] : []),
    );
    if (entry.isLeftOutOfDirectory !== true) {
      central.push(
        join(
          latin1('PK\x01\x02'),
          Buffer.from([20, mode === 0 ? 0 : 3]),
          ...headOf(entry.listedMethod ?? method),
          ...sums,
          u16(join(name).length),
          u16(0),
          u16(0),
          u16(0),
          u16(0),
          u32(mode * 0x10000),
          u32(entry.start ?? offset),
          name,
        ),
      );
    }
    locals.push(local);
    offset += local.length;
  }
  const directory = join(...central);
  const said = { entries: central.length, size: directory.length, start: offset, disk: 0, ...end };
  const record = join(
    latin1('PK\x06\x06'),
    u64(44),
    u16(45),
    u16(45),
    u32(0),
    u32(0),
    u64(central.length),
    u64(central.length),
    u64(directory.length),
    u64(offset),
  );
  const locator = join(latin1('PK\x06\x07'), u32(0), u64(offset + directory.length), u32(1));
  return join(
    before,
    ...locals,
    directory,
    ...(is64 ? [record, locator] : []),
    latin1('PK\x05\x06'),
    u16(said.disk),
    u16(0),
    u16(said.entries),
    u16(said.entries),
    u32(said.size),
    u32(said.start),
    u16(join(comment).length),
    comment,
    after,
  );
}

const OOXML = 'application/vnd.openxmlformats-officedocument';

/** The content types of an Office package: of its main part, and whatever else is given. */
export function contentTypes(mainPart: string, mainType: string, more = ''): string {
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/${mainPart}" ContentType="${mainType}"/>${more}</Types>`;
}

export const WORD_MAIN = `${OOXML}.wordprocessingml.document.main+xml`;
export const WORD_MACRO_MAIN = 'application/vnd.ms-word.document.macroEnabled.main+xml';

/** The parts of a small document. */
export const WORD: readonly Entry[] = [
  { name: '[Content_Types].xml', content: contentTypes('word/document.xml', WORD_MAIN), isDeflated: true },
  { name: '_rels/.rels', content: '<Relationships/>', isDeflated: true },
  { name: 'word/document.xml', content: '<w:document/>', isDeflated: true },
];
