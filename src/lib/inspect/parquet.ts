import { toLatin1, viewOf } from '../sniff/bytes.ts';
import type { InspectedFile, Inspector } from './file.ts';
import { createThriftReader, THRIFT } from './thrift.ts';

const END_BYTES = 8;
// A thousand columns in a thousand groups of rows take as much.
const MOST_FOOTER_BYTES = 64 * 1024 * 1024;

// Of FileMetaData and SchemaElement in parquet.thrift.
const FIELD = { schema: 2, rows: 3, encryption: 8, children: 5 } as const;

/** Reads the footer of a Parquet file from its first byte to its last, and keeps none of it. */
export const inspectParquet: Inspector = async (file) => {
  if (file.size < 3 * 4) return { facts: { malformed: 'its footer is missing' } };
  const end = await file.read({ start: file.size - END_BYTES, length: END_BYTES });
  const length = viewOf(end).getUint32(0, true);
  const magic = toLatin1(end.subarray(4));
  if (magic === 'PARE') return { facts: { encrypted: true }, unsupported: 'its footer is encrypted' };
  if (magic !== 'PAR1') return { facts: { malformed: 'its footer is missing' } };
  if (length > file.size - END_BYTES - 4)
    return { facts: { malformed: 'its footer is longer than the file' } };
  if (length > MOST_FOOTER_BYTES) return { facts: {}, unsupported: 'its footer is larger than 64 MiB' };
  const footer = await readFooter(file, length);
  try {
    const { rows, columns, encrypted } = toFooter(footer);
    if (rows === undefined || rows < 0 || columns === undefined) {
      return { facts: { malformed: 'its footer does not say how many rows and columns there are' } };
    }
    return { facts: { 'parquet.rows': rows, 'parquet.columns': columns, encrypted } };
  } catch (error) {
    if (error instanceof RangeError) return { facts: { malformed: 'its footer is damaged' } };
    throw error;
  }
};

async function readFooter(file: InspectedFile, length: number): Promise<Uint8Array> {
  const footer = new Uint8Array(length);
  let filled = 0;
  for await (const chunk of file.stream(file.size - END_BYTES - length, file.size - END_BYTES)) {
    footer.set(chunk, filled);
    filled += chunk.length;
  }
  return footer;
}

function toFooter(bytes: Uint8Array) {
  const reader = createThriftReader(bytes);
  let rows: number | undefined;
  let columns: number | undefined;
  let encrypted = false;
  reader.struct((id, kind) => {
    if (id === FIELD.rows) {
      rows = reader.integer();
      return true;
    }
    encrypted ||= id === FIELD.encryption;
    if (id !== FIELD.schema || kind !== THRIFT.list) return false;
    reader.list((index) => {
      if (index > 0) return false;
      // The first element is the root.
      reader.struct((field) => {
        if (field !== FIELD.children) return false;
        columns = reader.integer();
        return true;
      });
      return true;
    });
    return true;
  });
  return { rows, columns, encrypted };
}
