import type { Checksum } from '@sluice/contract/checksum';
import type { Owner, Readers, Transport } from '@sluice/contract/upload';
import { platform } from '#platform';
import type { UploadRequest } from './client.ts';
import { createCrc64Nvme } from './crc64nvme.ts';
import { hash } from './hash.ts';
import type { CreateHash, Source } from './platform.ts';

/** What a caller says of a file. */
export type Declared = {
  /** the file's own name when absent */
  readonly filename?: string | undefined;
  /** the file's own type when absent */
  readonly contentType?: string | undefined;
  readonly policy?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** who may read it once it is accepted; as the policy says when absent */
  readonly readers?: Readers | undefined;
  /** an id of your own for what the file is for; `list` finds uploads by it */
  readonly reference?: string | undefined;
  /** whose the upload is to be: for services, which have none of their own */
  readonly owner?: Owner | undefined;
  /** how the bytes travel; chosen by the size when absent */
  readonly transport?: Transport | undefined;
  /**
   * A word reads the file once more beforehand to compute it; S3 then refuses bytes that were damaged on
   * their way. `crc64nvme` goes with every transport; `sha256` with a single PUT or POST only, and so keeps a
   * file in one piece.
   */
  readonly checksum?: 'sha256' | 'crc64nvme' | Checksum | undefined;
};

/** How much of a file has been read for its checksum, or sent. */
export type Progress = {
  readonly phase: 'hashing' | 'sending';
  readonly bytes: number;
  readonly totalBytes: number;
};

const SINGLE_UPLOAD_MAX_BYTES = 5 * 1024 ** 3;

/**
 * How a file travels that nobody has said it of: in parts from a size on, unless its checksum is one that S3
 * computes of objects in one piece only. Beyond what one PUT carries there is no choice, and the API says
 * what does not fit.
 */
export function chooseTransport(
  { size }: Source,
  { transport, checksum }: Declared,
  multipartAboveBytes: number,
): Transport {
  if (transport !== undefined) return transport;
  if (size > SINGLE_UPLOAD_MAX_BYTES) return 'multipart';
  const algorithm = typeof checksum === 'object' ? checksum.algorithm : checksum;
  const inOnePiece = algorithm === 'sha256' || algorithm === 'sha1';
  return size > multipartAboveBytes && !inOnePiece ? 'multipart' : 'put';
}

function hashOf(algorithm: 'sha256' | 'crc64nvme'): CreateHash {
  return algorithm === 'sha256' ? platform.createSha256 : createCrc64Nvme;
}

/** The checksum to declare, computed where it is asked for by a word. */
export async function toChecksum(
  file: Source,
  checksum: Declared['checksum'],
  {
    signal,
    onProgress,
  }: {
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: ((progress: Progress) => void) | undefined;
  },
): Promise<Checksum | undefined> {
  if (typeof checksum !== 'string') return checksum;
  const onHashed = (bytes: number) => onProgress?.({ phase: 'hashing', bytes, totalBytes: file.size });
  return { algorithm: checksum, value: await hash(file, hashOf(checksum), { signal, onHashed }) };
}

/**
 * The name that a file goes by. A file on disk may have one that the API takes from nobody, and a page cannot
 * rename it: blanks at its ends go, colons become `_`.
 */
export function toFilename(file: Source, { filename }: Declared): string {
  return filename ?? ('name' in file ? file.name.trim().replaceAll(':', '_') : 'unnamed');
}

/** The body of the request to upload a file. */
export function toRequest(
  file: Source,
  declared: Declared,
  transport: Transport,
  checksum: Checksum | undefined,
): UploadRequest {
  const { policy, metadata, readers, reference, owner } = declared;
  // What is undefined is left out of JSON.
  return {
    filename: toFilename(file, declared),
    contentType: declared.contentType ?? (file.type || 'application/octet-stream'),
    size: file.size,
    checksum,
    policy,
    metadata,
    readers,
    reference,
    owner,
    transport,
  };
}
