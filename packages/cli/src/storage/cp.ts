import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createS3Client } from '@sluice/connection/clients/s3';
import { endpointOf } from '@sluice/connection/endpoint';
import { UploadFailedError } from '@sluice/connection/errors/operation';
import type { Session } from '@sluice/connection/session';
import type { ChecksumAlgorithm } from '@sluice/connection/transfers/checksum-algorithms';
import { copyObject } from '@sluice/connection/transfers/copy';
import { downloadFile, downloadStream } from '@sluice/connection/transfers/download';
import type { TransferOptions } from '@sluice/connection/transfers/options';
import type { CopyParams } from '@sluice/connection/transfers/params';
import { uploadFile, uploadStream } from '@sluice/connection/transfers/upload';
import { typeByExtension } from '@sluice/contract/content-types';
import { Complaint } from '../complaint.ts';
import { toDiskComplaint } from '../disk.ts';
import type { World } from '../world.ts';
import { openMemory } from './cp-memory.ts';
import { toUrl } from './place.ts';
import type { Route } from './route.ts';

/** How to copy. */
export type CopyOptions = Pick<TransferOptions, 'partBytes' | 'concurrency' | 'onProgress'> & {
  readonly resume: boolean;
  /** what S3 is to keep with it, and what goes with the calls */
  readonly params: CopyParams;
  readonly uploadId?: string;
  readonly checksumAlgorithm?: ChecksumAlgorithm;
  /** Hears what a person should know besides the result. */
  readonly tell: (text: string) => void;
};

/** Who copies, and who looks the source of a copy up, if that is somebody else. */
export type Sessions = {
  readonly session: Session;
  readonly source: Session | undefined;
};

/** What came of it, as --json tells it. */
export type Copied = {
  readonly bytes: number;
  readonly etag: string;
  readonly versionId?: string | undefined;
};

/**
 * Copies one file. An abort gives up what was begun, unless it is to be resumed: then an upload of a file is
 * remembered, and the same call goes on with it. Throws the errors of the transfers, and Complaint for an
 * upload that is kept or is not there, and when it is the disk that fails.
 */
export async function copy(
  { session, source }: Sessions,
  route: Route,
  options: CopyOptions,
  world: World,
): Promise<Copied> {
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
        return toCopied(await upload(session, route, options, transfer, world));
      case 'download':
        return toCopied(await download(route, options, transfer, world));
      case 'copy':
        return toCopied(
          await copyObject({
            ...transfer,
            source: route.from,
            target: route.to,
            params: options.params,
            ...(source && { sourceClient: source.client(createS3Client) }),
            ...(options.checksumAlgorithm && { checksumAlgorithm: options.checksumAlgorithm }),
          }),
        );
    }
  } catch (error) {
    const kept = keptBy(error, route, options);
    if (kept !== undefined && world.signal.aborted) options.tell(kept);
    world.signal.throwIfAborted();
    if (kept !== undefined && error instanceof Error)
      throw new Complaint(`${error.name}: ${error.message}`, kept);
    throw toDiskComplaint(error, pathOf(route)) ?? toComplaint(error, options.uploadId);
  }
}

type Transfer = TransferOptions & { readonly client: ReturnType<typeof createS3Client> };
type Of<Kind extends Route['kind']> = Extract<Route, { kind: Kind }>;

async function upload(
  session: Session,
  { from, to, name }: Of<'upload'>,
  { resume, params, uploadId, checksumAlgorithm, tell }: CopyOptions,
  transfer: Transfer,
  world: World,
) {
  const request = {
    ...transfer,
    ...to,
    params: { ContentType: typeByExtension(name) ?? 'application/octet-stream', ...params },
    ...(checksumAlgorithm && { checksumAlgorithm }),
    onFailure: resume ? ('keep' as const) : ('abort' as const),
  };
  const named = uploadId === undefined ? {} : { resume: uploadId };
  if (from.kind !== 'file') {
    const stream = from.kind === 'pipe' ? world.openStdin() : createReadStream(from.path);
    return uploadStream({ ...request, ...named, stream });
  }
  const { path } = from;
  if (!resume) return uploadFile({ ...request, ...named, path });

  // Parts that arrived with one checksum cannot be put together with parts that have another.
  const kept = checksumAlgorithm ? { ...request.params, checksumAlgorithm } : request.params;
  const target = [endpointOf(session.settings, 's3') ?? '', to.bucket, to.key, kept];
  const memory = await openMemory(path, target, world);
  const known = uploadId ?? (await memory.read());
  const send = (going: { readonly resume?: string }) =>
    uploadFile({ ...request, ...going, path, onBegun: memory.write });
  if (known !== undefined) tell('Goes on with the parts that arrived before.');
  const result = await send(known === undefined ? {} : { resume: known }).catch(async (error: unknown) => {
    if (!(error instanceof UploadFailedError && isGone(error))) throw error;
    await memory.forget();
    // Its parts were looked for before anything was sent; only what was remembered is begun anew without
    // being asked.
    if (known === undefined || uploadId !== undefined || error.uploadId !== undefined) throw error;
    tell('They are no longer there: begins anew.');
    return send({});
  });
  await memory.forget();
  return result;
}

/** True when S3 does not know the upload: it was finished or given up, or there never was one. */
function isGone({ serviceCode }: UploadFailedError): boolean {
  return serviceCode === 'NoSuchUpload';
}

async function download(
  { from, to }: Of<'download'>,
  { resume, params }: CopyOptions,
  transfer: Transfer,
  world: World,
) {
  if (to.kind === 'file') {
    await mkdir(dirname(to.path), { recursive: true });
    return downloadFile({ ...transfer, ...from, params, path: to.path, resume });
  }
  const { body, ...result } = await downloadStream({ ...transfer, ...from, params });
  // Not ended: standard output belongs to the process.
  await pipeline(body, world.openStdout(), { end: false, signal: world.signal });
  return result;
}

function toCopied({ bytes, etag, versionId }: Copied): Copied {
  return {
    bytes,
    etag,
    ...(versionId !== undefined && { versionId }),
  };
}

/** How to go on with an upload whose parts are kept; undefined when there are none. */
function keptBy(error: unknown, route: Route, { resume }: CopyOptions): string | undefined {
  if (!(error instanceof UploadFailedError) || error.uploadId === undefined || isGone(error))
    return undefined;
  const byId = `--resume --upload-id ${error.uploadId}`;
  return resume && route.kind === 'upload' && route.from.kind === 'file'
    ? `Its parts are kept: the same command goes on with them, or elsewhere ${byId}.`
    : `Its parts are kept: go on with ${byId}.`;
}

/** The file of this machine; only one end is. */
function pathOf({ from, to }: Route): string {
  return 'path' in from ? from.path : 'path' in to ? to.path : 'standard output';
}

function toComplaint(error: unknown, uploadId: string | undefined): unknown {
  if (error instanceof UploadFailedError && isGone(error) && uploadId !== undefined) {
    return new Complaint(
      `There is no unfinished upload of ${toUrl(error)} with this id.`,
      'It was finished or given up, or is of another key: leave --upload-id out to begin anew.',
    );
  }
  return error;
}
