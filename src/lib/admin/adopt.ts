import { createHash } from 'node:crypto';
import { toDeclaredType } from '@sluice/contract/content-types';
import { toFilename } from '@sluice/contract/filename';
import { Refusal } from '@sluice/contract/refusals';
import type { Owner, Upload } from '@sluice/contract/upload';
import { CopyUnfinished, ObjectChanged } from '../upload/faults.ts';
import type { Ledger, ObjectFacts } from '../upload/ports.ts';
import { type RequestDeps, requestUpload } from '../upload/request.ts';
import type { Buckets } from './ports.ts';
import { createTally, eachOf, type Tally } from './tally.ts';
import type { Step } from './walk.ts';

export type AdoptDeps = Pick<RequestDeps, 'policies' | 'limits' | 'blocks' | 'now'> & {
  readonly ledger: Ledger;
  readonly source: Source;
  readonly buckets: Pick<Buckets, 'bringIn'>;
  readonly announce: (arrival: Pick<Upload, 'key'>) => Promise<void>;
  readonly signal: () => AbortSignal;
};

/** A bucket from before Sluice, which the deployment may read. */
export type Source = {
  /** Keys that begin so, up to `limit` after this one, in the order of their names. */
  list(bucket: string, prefix: string, after: string | undefined, limit: number): Promise<readonly string[]>;
  /** What a HEAD says; undefined if there is no such object. */
  facts(bucket: string, key: string): Promise<ObjectFacts | 'forbidden' | undefined>;
};

/** Where the objects are, and as whose uploads under which policy they come in. */
export type Adoption = Owner & { readonly bucket: string; readonly policy: string };

const STEP_KEYS = 50;

const FORBIDDEN =
  'The function may not read this object: name its bucket in the parameter adoptFrom, and deploy.';

// The copy is inside S3, and is there within minutes; what never comes expires by itself.
const AWAITED_MS = 3_600_000;

/**
 * Brings in the objects of another bucket as uploads, through the same verification as any other: a row, then
 * a copy in incoming, of which S3 notifies. The id of each follows from where it is and what it is, so that a
 * repeat finds it. The originals stay.
 */
export function adopt(
  deps: AdoptDeps,
  { prefix, ...adoption }: Adoption & { readonly prefix: string },
  { dryRun, isList }: { readonly dryRun: boolean; readonly isList: boolean },
): Step {
  return async (after) => {
    const tally = createTally();
    const keys = await deps.source.list(adoption.bucket, prefix, after, STEP_KEYS);
    await eachOf(
      tally,
      keys,
      (key) => key,
      async (key) => {
        if (isList) tally.note('listed', { id: key });
        else await adoptOne(deps, tally, adoption, key, dryRun);
      },
    );
    return tally.page(keys.length < STEP_KEYS ? undefined : keys.at(-1));
  };
}

/** Brings in one object. Safe to repeat. */
export async function adoptOne(
  deps: AdoptDeps,
  tally: Tally,
  adoption: Adoption,
  key: string,
  dryRun = false,
): Promise<void> {
  const facts = await deps.source.facts(adoption.bucket, key);
  if (facts === undefined) return tally.note('gone', { id: key });
  // No failure that passes: asking again is of no use until somebody gives the right.
  if (facts === 'forbidden') return tally.note('refused', { id: key, detail: FORBIDDEN });
  let upload: Upload;
  try {
    upload = await request(deps, adoption, key, facts, dryRun);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return tally.note('refused', { id: key, detail: `${error.message} (${error.code})` });
  }
  if (upload.state !== 'requested') {
    return tally.note('adopted before', { id: key, detail: `As ${upload.id}, which is ${upload.state}.` });
  }
  if (!dryRun) {
    try {
      const from = { bucket: adoption.bucket, key, facts };
      const copied = await deps.buckets.bringIn(upload, from, deps.signal());
      if (copied === 'taken') await deps.announce(upload);
    } catch (error) {
      if (error instanceof ObjectChanged) return tally.note('changed', { id: key });
      if (!(error instanceof CopyUnfinished)) throw error;
      return tally.note('unfinished', { id: key, detail: `${error.message}: adopt again to go on.` });
    }
  }
  tally.note('adopted', { id: key, detail: `As ${upload.id}.` });
}

async function request(
  deps: AdoptDeps,
  { tenant, subject, policy, bucket }: Adoption,
  key: string,
  facts: ObjectFacts,
  dryRun: boolean,
): Promise<Upload> {
  const filename = toFilename(key.slice(key.lastIndexOf('/') + 1)) ?? 'file';
  const contentType = toDeclaredType({ filename, contentType: facts.contentType ?? '' });
  const { ledger } = deps;
  const { upload } = await requestUpload(
    {
      ...deps,
      ledger: dryRun ? { ...ledger, record: (row) => recordNothing(ledger, row) } : ledger,
      newId: () => toId(bucket, key, facts),
      // Nobody is given an address: the copy is ours.
      sign: async () => ({
        signature: { put: { url: '', method: 'PUT', headers: {} } },
        expiresAt: new Date(deps.now() + AWAITED_MS),
      }),
      multipart: () => Promise.reject(new Error('nothing is adopted in parts')),
      expiryGraceInSeconds: AWAITED_MS / 1000,
    },
    { tenant, subject },
    { filename, contentType, size: facts.size, metadata: {}, policy, transport: 'put' },
    { correlationId: `adopt:${bucket}` },
  );
  return upload;
}

async function recordNothing(ledger: Ledger, row: Upload): ReturnType<Ledger['record']> {
  const there = await ledger.read(row.id);
  return { created: there === undefined, upload: there ?? row };
}

/** Of these bytes at this place: an object that is overwritten is another one. */
function toId(bucket: string, key: string, { versionId, etag }: ObjectFacts): string {
  const hex = createHash('sha256')
    .update(JSON.stringify(['adopt', bucket, key, versionId ?? etag]))
    .digest('hex');
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
