import type { Scanner, ScanRequest, ScanResult } from '@sluice/contract/scan';
import type { Policies, Policy } from '../../src/lib/upload/policy.ts';
import type { Scanners } from '../../src/lib/upload/ports.ts';
import { policies } from '../../src/policies.ts';

export const INCOMING = 'incoming-bucket';
export const STORE = 'store-bucket';

/** The shipped policies, of which `data` demands scanners. */
export function scannedBy(...scanners: Scanner[]): Policies & { readonly data: Policy } {
  const { data } = policies as Policies;
  if (data === undefined) throw new Error('there is a policy for data');
  return { ...policies, data: { ...data, scanners } };
}

export type FakeScanners = Scanners & {
  /** all that was asked, with the delay, the oldest first */
  readonly asked: (ScanRequest & { readonly delaySeconds: number })[];
};

/** Scanners that keep what they are asked, and say nothing by themselves. */
export function createFakeScanners(...configured: Scanner[]): FakeScanners {
  const asked: FakeScanners['asked'] = [];
  return {
    asked,
    bucket: INCOMING,
    configured: new Set(configured),
    ask: async (requests, delaySeconds) => {
      asked.push(...requests.map((request) => ({ ...request, delaySeconds })));
    },
  };
}

/** What a scanner answers to a request. */
export function toResult(
  { scanner, uploadId, bucket, key, versionId, etag, attempt }: ScanRequest,
  changes: Partial<ScanResult> = {},
): ScanResult {
  return {
    schema: 1,
    scanner,
    uploadId,
    bucket,
    key,
    ...(versionId !== undefined && { versionId }),
    etag,
    attempt,
    outcome: 'clean',
    ...changes,
  };
}
