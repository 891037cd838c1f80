import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Client } from '@sluice/client/client';
import { SluiceError } from '@sluice/client/errors';
import { createLasting } from '@sluice/client/lasting';
import type { Download, Upload } from '@sluice/client/resource';
import { classify } from '@sluice/connection/classify';
import { ChecksumMismatchError } from '@sluice/connection/errors/answer';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { isBegun } from '@sluice/connection/transfers/draft';
import type { Progress } from '@sluice/connection/transfers/options';
import { findTarget, saveObject } from '@sluice/connection/transfers/save';
import { type ObjectUrls, openUrl, type UrlObject } from '@sluice/connection/transfers/url-object';
import type { ChecksumAlgorithm } from '@sluice/contract/checksum';
import { Complaint, KeptError } from './complaint.ts';
import { toDiskComplaint } from './disk.ts';
import type { World } from './world.ts';

/** An accepted upload, and the URL that the API gave out for it just now. */
export type Accepted = { readonly client: Client; readonly upload: Upload; readonly granted: Download };

/** Where an accepted file is written, and how. */
export type Destination = {
  readonly path: string;
  readonly replaces: boolean;
  readonly onProgress: (progress: Progress) => void;
  /** Hears what a person should know when it is stopped. */
  readonly tell: (text: string) => void;
};

const KEPT = 'What came is kept: the same command goes on with it.';

/** Checksums as the connection layer spells them. */
export const ALGORITHMS = {
  sha256: 'SHA256',
  sha1: 'SHA1',
  crc32: 'CRC32',
  crc32c: 'CRC32C',
  crc64nvme: 'CRC64NVME',
} as const satisfies Record<ChecksumAlgorithm, string>;

/**
 * Downloads an accepted file, which appears under its name only once all of it is there and has the checksum
 * that was verified. What came is kept when that fails or is stopped, in one hidden draft beside it: the same
 * call goes on with it.
 *
 * Resolves with the number of its bytes. Throws Complaint for a place that cannot be written to and for wrong
 * bytes, else the errors of the client and the connection layer.
 */
export async function downloadInto(
  accepted: Accepted,
  { path, replaces, onProgress, tell }: Destination,
  { env, signal, timing }: World,
): Promise<number> {
  const { upload } = accepted;
  let begun: { readonly path: string; readonly object: UrlObject } | undefined;
  try {
    await mkdir(dirname(path), { recursive: true });
    const target = await findTarget(path);
    using object = await openUrl({
      urls: urlsOf(accepted, timing.now, signal),
      settings: resolveSettings({ environment: networkOf(env) }),
      shown: upload.servedName ?? upload.filename,
      identity: [upload.id],
      bytes: upload.size,
      checksum: upload.checksum && {
        algorithm: ALGORITHMS[upload.checksum.algorithm],
        value: upload.checksum.value,
      },
      signal,
    });
    begun = { path: target.path, object };
    await saveObject(object, target, { resume: true, replaces, signal, onProgress });
    return object.bytes;
  } catch (error) {
    const isKept = begun !== undefined && (await isBegun(begun.path, begun.object));
    if (signal.aborted && isKept) tell(KEPT);
    signal.throwIfAborted();
    const told = toDiskComplaint(error, path) ?? explainDownload(error, upload.checksum);
    throw isKept ? new KeptError(told, KEPT) : told;
  }
}

/** The API gives out URLs for some minutes; a large file takes longer. */
function urlsOf({ client, upload, granted }: Accepted, now: () => number, signal: AbortSignal): ObjectUrls {
  const toSigned = ({ url, expiresAt }: Download) => ({ value: url, expiresAt });
  const sign = async () => toSigned(await client.download(upload.id, { signal }));
  const held = createLasting(sign, toSigned(granted), now);
  return {
    current: async () => held.current() ?? held.renewed(),
    renew: async (refused) => {
      const url = held.current();
      return url === undefined || url === refused ? held.renewed() : url;
    },
  };
}

/**
 * As with the calls to the API, Node looks for proxies only when it is told to; nothing else of AWS has a
 * say.
 */
export function networkOf(env: World['env']): World['env'] {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => env.NODE_USE_ENV_PROXY === '1' && /^(https?|no)_proxy$/i.test(name),
    ),
  );
}

/** What failed, as a person is to hear it. */
export function explainDownload(error: unknown, checksum: Upload['checksum']): Error {
  // What the API said when it was asked for another URL.
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof SluiceError || cause instanceof Complaint) return cause;
  }
  const classified = classify(error);
  if (!(classified instanceof ChecksumMismatchError)) return classified;
  return new Complaint(
    `The bytes that came are not those that were uploaded: their ${checksum?.algorithm ?? 'checksum'} differs. Nothing of them was kept.`,
    'Try again. If it happens again, tell the operator of this Sluice.',
  );
}
