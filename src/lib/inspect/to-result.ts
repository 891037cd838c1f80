import type { ScanRequest, ScanResult } from '@sluice/contract/scan';
import type { Looked } from './inspect.ts';
import type { Ended } from './thread.ts';

/**
 * What became of a look: what was seen, why its thread was ended, or that it did not get to the end in time.
 */
export type Look = Looked | Ended | { readonly ended: 'time' | 'changed' };

const ENDED = {
  memory: 'looking into it takes more memory than there is',
  stalled: 'looking into it does not come to an end',
  time: 'looking into it takes longer than there is time',
  changed: 'the object is not there as it was',
} as const;

/**
 * What inspection answers. Whatever ended a thread would end the next one, too: such a file is `unsupported`,
 * and nobody tries again for ever. Too little time can be the store's doing, so that counts from the second
 * time on.
 */
export function toScanResult(request: ScanRequest, look: Look): ScanResult {
  const { uploadId, bucket, key, versionId, etag, attempt } = request;
  const object = { uploadId, bucket, key, ...(versionId !== undefined && { versionId }), etag };
  const answer = { schema: 1, scanner: 'inspection', ...object } as const;
  if ('ended' in look) {
    const isPassing = look.ended === 'changed' || (look.ended === 'time' && attempt === 1);
    return { ...answer, outcome: isPassing ? 'failed' : 'unsupported', detail: ENDED[look.ended] };
  }
  const { facts, unsupported } = look;
  if (unsupported !== undefined) {
    return { ...answer, outcome: 'unsupported', detail: unsupported, inspection: facts };
  }
  return { ...answer, outcome: 'clean', inspection: facts };
}
