import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { downloadStream } from '@sluice/connection/transfers/download';
import type { ReportedObject } from '@sluice/contract/admin';
import { Complaint } from '../../complaint.ts';
import { printable } from '../../text.ts';
import type { Report, S3 } from './manifest.ts';

// A key of 1,024 bytes is three times as long in a URL; what goes on for longer is no line.
const MAX_LINE = 65_536;

/**
 * The objects that one file of a report lists, as it is read: current versions alone, no delete markers.
 * Whether the file is the one that the manifest names is known only at its end.
 * @throws Complaint for a file that is another one, or that cannot be read
 */
export async function* readEntries(
  client: S3,
  report: Report,
  file: Report['files'][number],
  signal: AbortSignal,
): AsyncGenerator<ReportedObject> {
  const shown = printable(`s3://${file.bucket}/${file.key}`);
  const { body } = await downloadStream({ client, bucket: file.bucket, key: file.key, signal });
  const hash = createHash('md5');
  const hashing = new Transform({
    transform: (chunk, _encoding, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const unzipped = createGunzip();
  const flow = pipeline(body, hashing, unzipped, { signal });
  flow.catch(() => undefined); // it destroys the last stream, whose reader hears of it
  try {
    for await (const line of toLines(unzipped, shown)) {
      const entry = parseEntry(report, line, shown);
      if (entry !== undefined) yield entry;
    }
    await flow;
  } catch (error) {
    signal.throwIfAborted();
    if (Object(error).code?.startsWith?.('Z_') !== true) throw error;
    throw new Complaint(`${shown} cannot be unpacked: ${printable((error as Error).message)}.`);
  }
  if (hash.digest('hex') !== file.md5) {
    throw new Complaint(`${shown} is not the file that the manifest names: its MD5 differs.`);
  }
}

async function* toLines(chunks: AsyncIterable<Buffer>, shown: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE) throw new Complaint(`${shown} has a line that never ends: it is no CSV.`);
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** What a line lists; undefined for an older version, a marker and an empty line. */
function parseEntry({ bucket, columns }: Report, line: string, shown: string): ReportedObject | undefined {
  if (line.trim() === '') return undefined;
  const fields = parseLine(line.replace(/\r$/, ''));
  if (fields.length !== columns.length) {
    throw new Complaint(
      `${shown} has a line of ${fields.length} fields, and its manifest names ${columns.length}.`,
    );
  }
  const of = (name: string) => fields[columns.indexOf(name)] ?? '';
  if (of('Bucket') !== bucket) {
    throw new Complaint(`${shown} lists ${printable(of('Bucket'))}, and its manifest ${printable(bucket)}.`);
  }
  if (of('IsLatest') === 'false' || of('IsDeleteMarker') === 'true') return undefined;
  const key = decodeKey(of('Key'));
  const size = Number(of('Size'));
  if (key === undefined || of('Size') === '' || !Number.isSafeInteger(size) || size < 0) {
    throw new Complaint(`${shown} has a line without a key or a size: ${printable(line.slice(0, 200))}`);
  }
  return { key, size };
}

const FIELD = /"((?:[^"]|"")*)"(?:,|$)|([^",]*)(?:,|$)/gy;

/** The fields of a line of CSV; S3 puts all of them in quotation marks. */
function parseLine(line: string): string[] {
  const fields: string[] = [];
  FIELD.lastIndex = 0;
  while (FIELD.lastIndex < line.length) {
    const [, quoted, plain] = FIELD.exec(line) ?? [];
    if (quoted === undefined && plain === undefined) return [];
    fields.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
  }
  return line.endsWith(',') ? [...fields, ''] : fields;
}

/** Keys are encoded as in a form's URL. */
function decodeKey(text: string): string | undefined {
  try {
    const key = decodeURIComponent(text.replaceAll('+', ' '));
    return key === '' ? undefined : key;
  } catch {
    return undefined;
  }
}
