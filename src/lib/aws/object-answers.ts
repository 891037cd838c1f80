import { bareETag } from '@sluice/connection/transfers/etag';
import { CHECKSUM_ALGORITHMS } from '@sluice/contract/checksum';
import { ObjectChanged, UnbelievableAnswer } from '../upload/faults.ts';
import type { ObjectFacts, StoredHeaders } from '../upload/ports.ts';
import { type ChecksumFields, toChecksums } from './checksum-fields.ts';

type HeadAnswer = ChecksumFields & {
  readonly ETag?: string | undefined;
  readonly ContentLength?: number | undefined;
  readonly VersionId?: string | undefined;
  readonly ServerSideEncryption?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly ContentType?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
};

/**
 * What a HEAD says about an object. A verdict needs the length and the ETag: without them there is none.
 * @throws UnbelievableAnswer
 */
export function toFacts(head: HeadAnswer): ObjectFacts {
  const { ContentLength, ETag, VersionId, LastModified, ContentType, ContentEncoding, Metadata } = head;
  if (ContentLength === undefined || !Number.isSafeInteger(ContentLength) || ContentLength < 0) {
    throw new UnbelievableAnswer('an object without a length');
  }
  if (!ETag) throw new UnbelievableAnswer('an object without an ETag');
  return {
    size: ContentLength,
    etag: bareETag(ETag),
    ...toMd5(head),
    ...(VersionId !== undefined && { versionId: VersionId }),
    // An unknown time counts as later than everything, so no unfinished copy counts as one of these bytes.
    modifiedAt: LastModified?.getTime() ?? Number.POSITIVE_INFINITY,
    ...(ContentType && { contentType: ContentType }),
    ...(ContentEncoding && { contentEncoding: ContentEncoding }),
    metadata: Metadata ?? {},
    checksums: toChecksumRecord(head),
  };
}

type ReadAnswer = {
  readonly ETag?: string | undefined;
  readonly ContentRange?: string | undefined;
  readonly ContentLength?: number | undefined;
  readonly $metadata: { readonly httpStatusCode?: number | undefined };
};

/**
 * Compares the headers of a read with the HEAD: it has to be the same object, of the same size.
 * @returns the place of the answer's first byte in the object
 * @throws ObjectChanged if a store ignored the condition, and UnbelievableAnswer
 */
export function checkRead(
  { ETag, ContentRange, ContentLength, $metadata }: ReadAnswer,
  seen: Pick<ObjectFacts, 'etag' | 'size'>,
): number {
  if (ETag !== undefined && bareETag(ETag) !== seen.etag) throw new ObjectChanged('reading');
  // A store that sends a part says which; one that ignores Range sends the whole object.
  const [, from, size] =
    $metadata.httpStatusCode === 206
      ? (/^bytes (\d+)-\d+\/(\d+|\*)$/.exec(ContentRange ?? '') ?? [])
      : ['', '0', ContentLength === undefined ? '*' : String(ContentLength)];
  if (from === undefined) throw new UnbelievableAnswer('a part of an object that does not say which');
  if (size !== '*' && Number(size) !== seen.size) {
    throw new UnbelievableAnswer(`an object of ${size} bytes that had ${seen.size}`);
  }
  return Number(from);
}

/** S3's answer about a copy, made in one piece or in parts. */
export type CopyAnswer = ChecksumFields & {
  readonly ETag?: string | undefined;
  readonly ServerSideEncryption?: string | undefined;
};

/**
 * Whether the answer to a copy shows that the copy has the original's bytes. A checksum that both have
 * decides; ETags only count if both are digests of the bytes. Undefined if the answer shows neither: then a
 * HEAD has to ask.
 */
export function compareCopy(original: ObjectFacts, answer: CopyAnswer): boolean | undefined {
  if (!answer.ETag) return undefined;
  const byChecksum = compareChecksums(original.checksums, toChecksumRecord(answer));
  if (byChecksum !== undefined) return byChecksum;
  // Equal ETags of any kind show equal bytes; different ones prove a difference only if both are digests.
  if (bareETag(answer.ETag) === original.etag) return true;
  const { md5 } = toMd5(answer);
  return md5 !== undefined && original.md5 !== undefined ? md5 === original.md5 : undefined;
}

/**
 * Whether a HEAD of a copy shows that it exists, with the original's length, no other digests than the
 * original's, and the headers that this copy was made with.
 */
export function compareStored(
  original: ObjectFacts,
  to: { readonly headers: StoredHeaders },
  stored: ObjectFacts | undefined,
): boolean {
  if (stored === undefined) throw new UnbelievableAnswer('a copy that is not there');
  if (stored.size !== original.size) return false;
  if (compareChecksums(original.checksums, stored.checksums) === false) return false;
  if (original.md5 !== undefined && stored.md5 !== undefined && original.md5 !== stored.md5) return false;
  return Object.entries(to.headers.metadata).every(([name, value]) => stored.metadata[name] === value);
}

function toChecksumRecord(fields: ChecksumFields): ObjectFacts['checksums'] {
  return Object.fromEntries(toChecksums(fields).map(({ algorithm, value }) => [algorithm, value]));
}

function compareChecksums(a: ObjectFacts['checksums'], b: ObjectFacts['checksums']): boolean | undefined {
  const shared = CHECKSUM_ALGORITHMS.filter((name) => a[name] && b[name]);
  return shared.length === 0 ? undefined : shared.every((name) => a[name] === b[name]);
}

/**
 * The MD5 that an ETag is, unless it is one of a multipart upload ("…-<parts>") or of an object under a key
 * of KMS.
 */
function toMd5({ ETag = '', ServerSideEncryption }: Pick<HeadAnswer, 'ETag' | 'ServerSideEncryption'>): {
  readonly md5?: string;
} {
  const etag = bareETag(ETag);
  return /^[0-9a-f]{32}$/i.test(etag) && ServerSideEncryption?.startsWith('aws:kms') !== true
    ? { md5: etag.toLowerCase() }
    : {};
}
