/** What an answer says of the bytes that its checksums are of. */
export type ChecksumExtent = {
  readonly ETag?: string | undefined;
  readonly ChecksumType?: string | undefined;
};

/**
 * False where nobody can tell what a checksum is of: the object was made of parts, the checksum does not end
 * in their number, and the store does not say that it is of the whole object. S3 always says one or the
 * other; moto answers a HEAD with neither, and means a checksum of checksums.
 */
export function hasKnownExtent(value: string, { ETag, ChecksumType }: ChecksumExtent): boolean {
  return value.includes('-') || ChecksumType === 'FULL_OBJECT' || !/-\d+"?$/.test(ETag ?? '');
}
