// A report of S3 Inventory in the documented form, since no emulator makes any:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

export type Entry = {
  readonly key: string;
  readonly size: number;
  readonly modifiedAt?: number;
  /** false for a version that another one stands before */
  readonly isLatest?: boolean;
  readonly isMarker?: boolean;
};

/** Keys of a bucket and what is in them: the manifest, its checksum, and the files that it names. */
export function makeReport({
  bucket,
  madeAt,
  entries,
  isOfVersions = false,
  filesOf = 1_000,
  changes = {},
}: {
  readonly bucket: string;
  readonly madeAt: number;
  readonly entries: readonly Entry[];
  readonly isOfVersions?: boolean;
  readonly filesOf?: number;
  /** in the manifest */
  readonly changes?: Readonly<Record<string, unknown>>;
}): { readonly manifest: string; readonly objects: ReadonlyMap<string, Buffer> } {
  const columns = [
    'Bucket',
    'Key',
    ...(isOfVersions ? ['VersionId', 'IsLatest', 'IsDeleteMarker'] : []),
    'Size',
    'LastModifiedDate',
    'ETag',
  ];
  const toLine = ({ key, size, modifiedAt = 0, isLatest = true, isMarker = false }: Entry) =>
    [
      bucket,
      encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/'),
      ...(isOfVersions ? ['v1', isLatest, isMarker] : []),
      isMarker ? '' : size,
      new Date(modifiedAt).toISOString(),
      isMarker ? '' : 'd41d8cd98f00b204e9800998ecf8427e',
    ]
      .map((field) => `"${field}"`)
      .join(',');
  const objects = new Map<string, Buffer>();
  const files = [];
  for (let n = 0; n < entries.length; n += filesOf) {
    const lines = entries.slice(n, n + filesOf).map((entry) => `${toLine(entry)}\n`);
    const bytes = gzipSync(lines.join(''));
    const key = `reports/${bucket}/sluice/data/${n}.csv.gz`;
    objects.set(key, bytes);
    files.push({ key, size: bytes.length, MD5checksum: toMd5(bytes) });
  }
  const manifest = Buffer.from(
    JSON.stringify({
      sourceBucket: bucket,
      destinationBucket: 'arn:aws:s3:::reports',
      version: '2016-11-30',
      creationTimestamp: String(madeAt),
      fileFormat: 'CSV',
      fileSchema: columns.join(', '),
      files,
      ...changes,
    }),
  );
  const folder = `reports/${bucket}/sluice/2026-11-19T00-00Z`;
  objects.set(`${folder}/manifest.json`, manifest);
  objects.set(`${folder}/manifest.checksum`, Buffer.from(toMd5(manifest)));
  return { manifest: `${folder}/manifest.json`, objects };
}

function toMd5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}
