import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createS3Client } from '../../lib/connection/clients/s3.ts';
import { UploadFailedError } from '../../lib/connection/errors/upload-failed-error.ts';
import type { Session } from '../../lib/connection/session.ts';
import { copyObject } from '../../lib/connection/transfers/copy.ts';
import { downloadFile, downloadStream } from '../../lib/connection/transfers/download.ts';
import type { TransferOptions } from '../../lib/connection/transfers/options.ts';
import { uploadFile, uploadStream } from '../../lib/connection/transfers/upload.ts';
import { typeByExtension } from '../../lib/upload/extension.ts';
import { Complaint } from '../complaint.ts';
import type { World } from '../world.ts';
import type { Route } from './route.ts';

/** How to copy. */
export type CopyOptions = Pick<TransferOptions, 'partBytes' | 'concurrency' | 'onProgress'> & {
  readonly resume: boolean;
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly uploadId?: string;
};

/** What came of it, as --json tells it. */
export type Copied = {
  readonly bytes: number;
  readonly etag: string;
  readonly versionId?: string | undefined;
};

/**
 * Copies one file. An abort gives up what was begun, unless it is to be resumed. Throws the errors of the transfers, and
 * Complaint when it is the disk that fails.
 */
export const copy = async (
  session: Session,
  route: Route,
  options: CopyOptions,
  world: World,
): Promise<Copied> => {
  const client = session.client(createS3Client);
  const { partBytes, concurrency, onProgress } = options;
  const transfer = {
    client,
    signal: world.signal,
    ...(partBytes !== undefined && { partBytes }),
    ...(concurrency !== undefined && { concurrency }),
    ...(onProgress !== undefined && { onProgress }),
  };
  try {
    switch (route.kind) {
      case 'upload':
        return toCopied(await upload(route, options, transfer, world));
      case 'download':
        return toCopied(await download(route, options, transfer, world));
      case 'copy':
        return toCopied(await copyObject({ ...transfer, source: route.from, target: route.to }));
    }
  } catch (error) {
    world.signal.throwIfAborted();
    throw toComplaint(error);
  }
};

type Transfer = TransferOptions & { readonly client: ReturnType<typeof createS3Client> };
type Of<Kind extends Route['kind']> = Extract<Route, { kind: Kind }>;

const upload = (
  { from, to, name }: Of<'upload'>,
  { resume, contentType = typeByExtension(name), metadata, uploadId }: CopyOptions,
  transfer: Transfer,
  world: World,
) => {
  const request = {
    ...transfer,
    ...to,
    params: {
      ContentType: contentType ?? 'application/octet-stream',
      ...(metadata !== undefined && { Metadata: { ...metadata } }),
    },
    onFailure: resume ? ('keep' as const) : ('abort' as const),
    ...(uploadId !== undefined && { resume: uploadId }),
  };
  if (from.kind === 'file') return uploadFile({ ...request, path: from.path });
  return uploadStream({
    ...request,
    stream: from.kind === 'pipe' ? world.openStdin() : createReadStream(from.path),
  });
};

const download = async (
  { from, to }: Of<'download'>,
  { resume }: CopyOptions,
  transfer: Transfer,
  world: World,
) => {
  if (to.kind === 'file') {
    await mkdir(dirname(to.path), { recursive: true });
    return downloadFile({ ...transfer, ...from, path: to.path, resume });
  }
  const { body, ...result } = await downloadStream({ ...transfer, ...from });
  // Not ended: standard output belongs to the process.
  await pipeline(body, world.openStdout(), { end: false, signal: world.signal });
  return result;
};

const toCopied = ({ bytes, etag, versionId }: Copied): Copied => ({
  bytes,
  etag,
  ...(versionId !== undefined && { versionId }),
});

// What the disk says has one of these; sockets have others.
const DISK = /^(open|read|write|ftruncate|rename|mkdir|unlink)$/;

const toComplaint = (error: unknown): unknown => {
  if (error instanceof UploadFailedError && error.uploadId !== undefined) {
    return new Complaint(
      `${error.name}: ${error.message}`,
      `Its parts are kept: go on with --resume --upload-id ${error.uploadId}.`,
    );
  }
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const isOfDisk = 'syscall' in cause && DISK.test(String(cause.syscall)) && 'path' in cause;
    if (isOfDisk) return new Complaint(`The file could not be used: ${cause.message}.`);
  }
  return error;
};
