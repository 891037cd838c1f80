import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { createS3Client } from '@sluice/connection/clients/s3';
import { NotFoundError } from '@sluice/connection/errors/service';
import { downloadStream } from '@sluice/connection/transfers/download';
import { Complaint, UsageError } from '../../complaint.ts';
import { printable } from '../../text.ts';

export type S3 = ReturnType<typeof createS3Client>;

/** A report of S3 Inventory: which files list a bucket, and how. */
export type Report = {
  /** the bucket that it lists */
  readonly bucket: string;
  /** milliseconds since the epoch */
  readonly madeAt: number;
  /** the columns of its files, by name */
  readonly columns: readonly string[];
  /** in the bucket of the manifest */
  readonly files: readonly { readonly bucket: string; readonly key: string; readonly md5: string }[];
};

const WANTED = ['Bucket', 'Key', 'Size'];
// Of an inventory of all versions; one of current versions lists nothing else.
const OF_VERSIONS = ['IsLatest', 'IsDeleteMarker'];
const PLACE = /^s3:\/\/([^/]+)\/(.*manifest\.json)$/;

/**
 * Reads the manifest of a report, and compares it with the checksum that S3 puts beside it, if that is there.
 * @throws UsageError for an address of no manifest; Complaint for a report that cannot be used
 */
export async function readReport(client: S3, address: string, signal: AbortSignal): Promise<Report> {
  const [, bucket, key] = PLACE.exec(address) ?? [];
  if (bucket === undefined || key === undefined) {
    throw new UsageError(`--inventory takes the address of a manifest, s3://bucket/…/manifest.json.`);
  }
  const manifest = await readText(client, bucket, key, signal);
  const sum = await readText(client, bucket, key.replace(/json$/, 'checksum'), signal).catch(
    (error: unknown) => {
      if (error instanceof NotFoundError) return undefined; // a report that somebody copied without it
      throw error;
    },
  );
  if (sum !== undefined && sum.trim() !== createHash('md5').update(manifest).digest('hex')) {
    throw new Complaint(`${printable(address)} is not as S3 made it: manifest.checksum differs.`);
  }
  return parseManifest(manifest, { address, bucket });
}

async function readText(client: S3, bucket: string, key: string, signal: AbortSignal) {
  const { body } = await downloadStream({ client, bucket, key, signal });
  return text(body);
}

/** What a manifest says. Throws Complaint for one that is none, or whose report cannot be used. */
export function parseManifest(
  manifest: string,
  { address, bucket }: { readonly address: string; readonly bucket: string },
): Report {
  const refuse = (why: string, hint?: string) => new Complaint(`${printable(address)}: ${why}`, hint);
  let read: Record<string, unknown>;
  try {
    read = Object(JSON.parse(manifest));
  } catch {
    throw refuse('this is no manifest of S3 Inventory.');
  }
  const { sourceBucket, creationTimestamp, fileFormat, fileSchema, files } = read;
  if (typeof sourceBucket !== 'string' || typeof fileSchema !== 'string' || !Array.isArray(files)) {
    throw refuse('this is no manifest of S3 Inventory.');
  }
  if (fileFormat !== 'CSV') {
    throw refuse(
      `the report is in the format ${printable(String(fileFormat))}, and CSV is all that is read.`,
      'Set the format of the inventory configuration to CSV, and take the next report.',
    );
  }
  const madeAt = Number(creationTimestamp);
  if (!Number.isSafeInteger(madeAt) || madeAt <= 0) throw refuse('it does not say when it was made.');
  const columns = fileSchema.split(',').map((name) => name.trim());
  const missing = [...WANTED, ...(columns.includes('VersionId') ? OF_VERSIONS : [])].filter(
    (name) => !columns.includes(name),
  );
  if (missing.length > 0) {
    throw refuse(
      `the report has no ${missing.join(', ')}.`,
      'Add the fields to the inventory configuration, and take the next report.',
    );
  }
  return {
    bucket: sourceBucket,
    madeAt,
    columns,
    files: files.map((file: unknown) => {
      const { key, MD5checksum } = Object(file);
      if (typeof key !== 'string' || !/^[0-9a-f]{32}$/.test(String(MD5checksum))) {
        throw refuse('a file of it has no key, or no MD5checksum.');
      }
      return { bucket, key, md5: String(MD5checksum) };
    }),
  };
}
