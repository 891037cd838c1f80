import { Damage } from './reader.ts';
import { createFields, type Fields } from './seven-zip-fields.ts';
import { parseFiles, type SevenZipFile } from './seven-zip-files.ts';
import { Unreadable } from './tally.ts';

/** One step of unpacking. */
export type Coder = {
  /** in hexadecimal digits */
  readonly method: string;
  readonly properties: Uint8Array;
  readonly inputs: number;
  readonly outputs: number;
  /** bytes that it makes */
  readonly unpackedBytes: number;
};

/** What is packed as one. */
export type Folder = {
  readonly coders: readonly Coder[];
  /** which coder's output goes to which one's input */
  readonly pairs: readonly { readonly input: number; readonly output: number }[];
  readonly packedInputs: readonly number[];
  /** the sizes of its files */
  readonly files: readonly number[];
};

export type Streams = {
  /** from the end of the first header */
  readonly packedStart: number;
  readonly packedSizes: readonly number[];
  readonly folders: readonly Folder[];
};

export type SevenZipHeader = { readonly streams: Streams; readonly files: readonly SevenZipFile[] };

const END = 0;
const HEADER = 1;
const PROPERTIES = 2;
const STREAMS = 4;
const FILES = 5;
const PACKED = 6;
const UNPACKED = 7;
const SUBSTREAMS = 8;
const SIZE = 9;
const CHECKSUMS = 0x0a;
const FOLDER = 0x0b;
const UNPACKED_SIZES = 0x0c;
const FILE_COUNTS = 0x0d;
const ENCODED = 0x17;
const NO_STREAMS: Streams = { packedStart: 0, packedSizes: [], folders: [] };

/**
 * Reads a header (7-Zip's 7zFormat.txt), or the streams in which it is packed. Calls `onFile` for each file
 * before it takes memory for it.
 */
export function parseSevenZipHeader(bytes: Uint8Array, onFile: () => void): SevenZipHeader | Streams {
  const fields = createFields(bytes);
  const kind = fields.byte();
  if (kind === ENCODED) return parseStreams(fields);
  if (kind !== HEADER) throw new Damage('has a header that is none');
  let streams = NO_STREAMS;
  let files: readonly SevenZipFile[] = [];
  for (let id = fields.number(); id !== END; id = fields.number()) {
    if (id === STREAMS) streams = parseStreams(fields);
    else if (id === FILES) files = parseFiles(fields, onFile);
    else if (id === PROPERTIES) {
      while (fields.number() !== END) fields.bytes(fields.number());
    } else throw new Unreadable('has a header of a kind that is not read');
  }
  return { streams, files };
}

function parseStreams(fields: Fields): Streams {
  let packedStart = 0;
  let packedSizes: readonly number[] = [];
  let folders: readonly Folder[] = [];
  for (let id = fields.number(); id !== END; id = fields.number()) {
    if (id === PACKED) {
      packedStart = fields.number();
      packedSizes = parsePacked(fields);
    } else if (id === UNPACKED) folders = parseFolders(fields);
    else if (id === SUBSTREAMS) folders = parseSubstreams(fields, folders);
    else throw new Damage('has a header that is none');
  }
  return { packedStart, packedSizes, folders };
}

function parsePacked(fields: Fields): readonly number[] {
  const count = fields.count();
  let sizes: readonly number[] = [];
  for (let id = fields.number(); id !== END; id = fields.number()) {
    if (id === SIZE) sizes = Array.from({ length: count }, fields.number);
    else if (id === CHECKSUMS) skipChecksums(fields, count);
    else throw new Damage('has a header that is none');
  }
  return sizes;
}

function skipChecksums(fields: Fields, count: number): readonly boolean[] {
  const defined = fields.someFlags(count);
  fields.bytes(4 * defined.filter(Boolean).length);
  return defined;
}

function parseFolders(fields: Fields): readonly Folder[] {
  if (fields.number() !== FOLDER) throw new Damage('has a header that is none');
  const count = fields.count();
  if (fields.byte() !== 0) throw new Unreadable('has a header of a kind that is not read');
  const raw = Array.from({ length: count }, () => parseFolder(fields));
  if (fields.number() !== UNPACKED_SIZES) throw new Damage('has a header that is none');
  const folders = raw.map((folder) => ({
    ...folder,
    coders: folder.coders.map((coder) => {
      const sizes = Array.from({ length: coder.outputs }, fields.number);
      return { ...coder, unpackedBytes: sizes[0] ?? 0 };
    }),
  }));
  let checked: readonly boolean[] = [];
  for (let id = fields.number(); id !== END; id = fields.number()) {
    if (id !== CHECKSUMS) throw new Damage('has a header that is none');
    checked = skipChecksums(fields, count);
  }
  return folders.map((folder, index) => ({
    ...folder,
    isChecked: checked[index] === true,
    files: [toUnpackedBytes(folder)],
  }));
}

function parseFolder(fields: Fields) {
  const coderCount = fields.number();
  if (coderCount < 1 || coderCount > 32) throw new Damage('has a header that is none');
  const coders = Array.from({ length: coderCount }, () => {
    const flags = fields.byte();
    const method = Buffer.from(fields.bytes(flags & 15)).toString('hex');
    const [inputs, outputs] = (flags & 0x10) === 0 ? [1, 1] : [fields.number(), fields.number()];
    if (inputs > 32 || outputs > 32) throw new Damage('has a header that is none');
    const properties = (flags & 0x20) === 0 ? new Uint8Array() : fields.bytes(fields.number());
    return { method, properties, inputs, outputs };
  });
  const inputs = coders.reduce((sum, coder) => sum + coder.inputs, 0);
  const outputs = coders.reduce((sum, coder) => sum + coder.outputs, 0);
  const pairs = Array.from({ length: Math.max(0, outputs - 1) }, () => ({
    input: fields.number(),
    output: fields.number(),
  }));
  const packedCount = inputs - pairs.length;
  if (packedCount < 1) throw new Damage('has a header that is none');
  const unbound = Array.from({ length: inputs }, (_, index) => index).filter(
    (index) => !pairs.some(({ input }) => input === index),
  );
  const packedInputs =
    packedCount === 1 ? unbound.slice(0, 1) : Array.from({ length: packedCount }, fields.number);
  return { coders, pairs, packedInputs };
}

/** Bytes of what comes out in the end. */
function toUnpackedBytes({ coders, pairs }: Pick<Folder, 'coders' | 'pairs'>): number {
  const last = coders.findIndex((_, index) => !pairs.some(({ output }) => output === index));
  return coders[last]?.unpackedBytes ?? 0;
}

function parseSubstreams(
  fields: Fields,
  folders: readonly (Folder & { isChecked?: boolean })[],
): readonly Folder[] {
  let counts: readonly number[] = folders.map(() => 1);
  let id = fields.number();
  if (id === FILE_COUNTS) {
    counts = folders.map(fields.count);
    id = fields.number();
  }
  const split = folders.map((folder, index) => {
    const count = counts[index] ?? 0;
    const whole = toUnpackedBytes(folder);
    if (count === 0) return { ...folder, files: [] };
    const sizes = id === SIZE ? Array.from({ length: count - 1 }, fields.number) : [];
    const rest = whole - sizes.reduce((sum, size) => sum + size, 0);
    if (rest < 0 || sizes.length !== count - 1)
      throw new Damage('has files that are larger than their content');
    return { ...folder, files: [...sizes, rest] };
  });
  if (id === SIZE) id = fields.number();
  for (; id !== END; id = fields.number()) {
    if (id !== CHECKSUMS) throw new Damage('has a header that is none');
    const unchecked = folders.reduce(
      (sum, { isChecked }, index) =>
        sum + (counts[index] === 1 && isChecked === true ? 0 : (counts[index] ?? 0)),
      0,
    );
    skipChecksums(fields, unchecked);
  }
  return split;
}
