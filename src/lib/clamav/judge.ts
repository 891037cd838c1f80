import type { ScanRequest, ScanResult } from '@sluice/contract/scan';
import { ObjectChanged } from '../upload/faults.ts';
import type { Clamd } from './clamd.ts';
import { ClamdFailed } from './faults.ts';
import { SCANNABLE_BYTES } from './limits.ts';
import type { Pause } from './ready.ts';
import type { Room } from './room.ts';

export type JudgeDeps = {
  readonly clamd: Pick<Clamd, 'scan'>;
  /**
   * the bytes of the very object of the request; ObjectChanged is thrown when they are read, if it is gone
   */
  readonly open: (
    request: ScanRequest,
    signal: AbortSignal,
  ) => { readonly stream: () => AsyncIterable<Uint8Array> };
  readonly room: Room;
  readonly pause: Pause;
};

// A clamd that has died is back in seconds; one whose disk was full, when the others are done.
const PAUSES_MS = [1_000, 3_000];

/**
 * What ClamAV says of an object, as it is reported. Where clamd cannot be had, even after some tries, that is
 * a result too: `failed`, so that whoever asked knows at once, and asks again.
 * @throws what the store says when the object cannot be read; the reason of the signal
 */
export async function judge(deps: JudgeDeps, request: ScanRequest, signal: AbortSignal): Promise<ScanResult> {
  const { size } = request;
  if (size > SCANNABLE_BYTES) {
    return toResult(request, {
      outcome: 'unsupported',
      detail: `ClamAV looks at files of at most ${SCANNABLE_BYTES} bytes, and this one has ${size}.`,
    });
  }
  for (let tries = 0; ; tries += 1) {
    const leave = await deps.room.take(size, signal);
    try {
      return toResult(request, await deps.clamd.scan(deps.open(request, signal).stream(), size, signal));
    } catch (error) {
      if (error instanceof ObjectChanged) {
        return toFailed(request, 'The object is not there as it was.');
      }
      if (!(error instanceof ClamdFailed)) throw error;
      if (tries === PAUSES_MS.length) return toFailed(request, error.message);
    } finally {
      leave();
    }
    await deps.pause(PAUSES_MS[tries] ?? 0, signal);
  }
}

/** That there is no judgement this time, as it is reported. */
export function toFailed(request: ScanRequest, detail: string): ScanResult {
  return toResult(request, { outcome: 'failed', detail });
}

function toResult(
  { uploadId, bucket, key, versionId, etag, attempt }: ScanRequest,
  found: Pick<ScanResult, 'outcome' | 'threats' | 'detail'>,
): ScanResult {
  const version = versionId === undefined ? {} : { versionId };
  return { schema: 1, scanner: 'clamav', uploadId, bucket, key, ...version, etag, attempt, ...found };
}
