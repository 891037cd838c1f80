import { randomUUID } from 'node:crypto';
import { Refusal } from '@sluice/contract/refusals';
import { parseIntent } from '../../src/lib/http/parse-intent.ts';
import type { Policies } from '../../src/lib/upload/policy.ts';
import { requestUpload } from '../../src/lib/upload/request.ts';
import { verify } from '../../src/lib/upload/verify.ts';
import { createMemoryLedger } from '../../test/fakes/memory-ledger.ts';
import { createMemoryObjects } from '../../test/fakes/memory-objects.ts';

/** One file as somebody would upload it. */
export type Sample = { readonly filename: string; readonly type: string; readonly bytes: Uint8Array };

export type Judgement =
  | { readonly accepted: true; readonly servedType: string }
  | { readonly accepted: false; readonly reason: string; readonly detail: string };

/**
 * Judges a file by the whole path of the service: request it, put it, verify it. Only the buckets are in
 * memory.
 */
export async function judge(policies: Policies, { filename, type, bytes }: Sample): Promise<Judgement> {
  const ledger = createMemoryLedger();
  const objects = createMemoryObjects({ recordsChecksums: false });
  const now = () => 1_000_000;
  try {
    const body = JSON.stringify({ filename, contentType: type, size: bytes.length, transport: 'put' });
    const { upload } = await requestUpload(
      {
        ledger,
        sign: async () => ({
          signature: { put: { url: '', method: 'PUT', headers: {} } },
          expiresAt: new Date(),
        }),
        multipart: () => Promise.reject(new Error('nothing here goes in parts')),
        policies,
        now,
        newId: randomUUID,
        expiryGraceInSeconds: 60,
      },
      { tenant: 'corpus', subject: 'corpus' },
      parseIntent({ body, headers: { 'content-type': 'application/json' }, isBase64Encoded: false }).intent,
      { correlationId: 'corpus' },
    );
    objects.put(upload.key, bytes);
    const deps = {
      ledger,
      objects,
      policies,
      now,
      newId: randomUUID,
      rowRetentionInSeconds: 60,
      announce: async () => {},
    };
    const outcome = await verify(deps, { key: upload.key }, 60_000, new AbortController().signal);
    if (outcome.kind !== 'accepted' && outcome.kind !== 'rejected') throw new Error(`ended ${outcome.kind}`);
    const { servedType = '', reason = '', detail = '' } = outcome.upload;
    return outcome.kind === 'accepted' ? { accepted: true, servedType } : { accepted: false, reason, detail };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { accepted: false, reason: error.code, detail: error.message };
  }
}
