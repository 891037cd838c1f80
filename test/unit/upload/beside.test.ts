import { Refusal } from '@sluice/contract/refusals';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readUpload } from '../../../src/lib/upload/access.ts';
import { deleteUpload } from '../../../src/lib/upload/delete.ts';
import { downloadUpload } from '../../../src/lib/upload/download.ts';
import type { Intent } from '../../../src/lib/upload/intent.ts';
import { completeUpload, listParts, readOpenMultipart } from '../../../src/lib/upload/multipart.ts';
import { requestUpload } from '../../../src/lib/upload/request.ts';
import { signAllParts, signParts } from '../../../src/lib/upload/sign-parts.ts';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { verify } from '../../../src/lib/upload/verify.ts';
import { serveUppy } from '../../../src/lib/uppy/serve.ts';
import { policies } from '../../../src/policies.ts';
import { histories } from '../../fakes/histories.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart, type MemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';
import { slowed } from '../../fakes/slowed.ts';
import { RAISED, UNHEARD } from '../../fakes/sweep-report.ts';

const CSV = 'a,b\n1,2\n';
const ADA = { kind: 'user', tenant: 'acme', subject: 'ada' } as const;
const LEASE_MS = 60_000;
const DAYS = 86_400_000;

/** S3 takes its time to assemble, and meanwhile refuses to begin with it again. */
function assemblingSlowly(scheduler: fc.Scheduler, multipart: MemoryMultipart): MemoryMultipart {
  const busy = new Set<string>();
  return {
    ...multipart,
    async complete(upload, parts) {
      if (busy.has(upload.uploadId)) return 'busy';
      busy.add(upload.uploadId);
      await scheduler.schedule(Promise.resolve(), 'S3 assembles');
      busy.delete(upload.uploadId);
      return multipart.complete(upload, parts);
    },
  };
}

const FORM = { url: 'https://s3/', fields: {} };
const signer = {
  sign: (key: string, uploadId: string, { partNumber }: { partNumber: number }) => ({
    url: `https://s3/${key}?${uploadId}&${partNumber}`,
    headers: {},
    expiresAt: new Date(0),
  }),
  signAll: () => ({ prefix: '', suffix: '', signatures: [], expiresAt: new Date(0) }),
};

const INTENT: Intent = { filename: 'a.csv', contentType: 'text/csv', size: CSV.length, metadata: {} };

/** How far the upload has come when the two calls begin. */
const STAGES = ['requested', 'sent in parts', 'arrived', 'accepted', 'overdue'] as const;
type Stage = (typeof STAGES)[number];

async function setup(stage: Stage, scheduler: fc.Scheduler) {
  const ledger = createMemoryLedger();
  const objects = createMemoryObjects();
  const multipart = createMemoryMultipart(objects);
  let now = 1_000_000;
  let ids = 0;
  const queue: string[] = [];
  const dependencies = {
    policies,
    now: () => now,
    newId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
    expiryGraceInSeconds: 60,
    countArrivals: async () => 0,
    rowRetentionInSeconds: 60,
    announce: async ({ key }: { key: string }) => void queue.push(key),
    sign: async () => ({ signature: { post: FORM }, expiresAt: new Date(now + 1000) }),
    signParts: signer,
  };
  const quick = { ...dependencies, ledger, objects, multipart };
  const slow = {
    ...dependencies,
    ledger: slowed(scheduler, 'ledger', ledger),
    objects: slowed(scheduler, 'objects', objects),
    multipart: slowed(scheduler, 'multipart', assemblingSlowly(scheduler, multipart)),
  };
  const signal = new AbortController().signal;
  const request = (deps: typeof quick) =>
    requestUpload(
      { ...deps, multipart: async () => deps.multipart },
      ADA,
      { ...INTENT, transport: 'multipart' },
      { correlationId: 'r', idempotencyKey: 'k' },
    );
  const { upload } = await request(quick);
  const uploadId = upload.multipart?.uploadId ?? '';
  const parts = stage === 'requested' ? [] : [multipart.put(uploadId, 1, CSV)];
  if (stage === 'arrived' || stage === 'accepted') {
    await completeUpload(quick, ADA, upload.id);
    queue.push(upload.key);
  }
  if (stage === 'accepted') await verify(quick, { key: upload.key }, LEASE_MS, signal);
  if (stage === 'overdue') now += 5 * DAYS;
  const named = { key: upload.key, uploadId };
  const uppy = (call: Parameters<typeof serveUppy>[2]) => serveUppy(slow, { caller: ADA }, call, 'r');
  const arrival = (deps: typeof quick) => verify(deps, { key: upload.key }, LEASE_MS, signal);
  const swept = (deps: typeof quick) => sweep(deps, signal, RAISED);
  return {
    upload,
    ledger,
    objects,
    multipart,
    calls: {
      'POST /uploads': () => request(slow),
      'GET /uploads': () => slow.ledger.list({ ...ADA, limit: 10 }),
      'GET /uploads/{id}': () => readUpload(slow.ledger, ADA, upload.id, 'see'),
      'GET /uploads/{id}/download': () =>
        downloadUpload({ ...slow, sign: async () => ({ url: '', expiresAt: new Date(0) }) }, ADA, upload.id),
      'DELETE /uploads/{id}': () => deleteUpload(slow, ADA, upload.id),
      'POST /uploads/{id}/parts': async () => {
        const open = await readOpenMultipart(slow.ledger, ADA, upload.id);
        signAllParts({ ...slow, sign: signer }, open);
        return signParts({ ...slow, sign: signer }, open, [{ partNumber: 1 }]);
      },
      'GET /uploads/{id}/parts': async () =>
        listParts(slow, await readOpenMultipart(slow.ledger, ADA, upload.id)),
      'POST /uploads/{id}/complete': () => completeUpload(slow, ADA, upload.id),
      'Uppy: list': () => uppy({ kind: 'list', named }),
      'Uppy: repeat': () => uppy({ kind: 'repeat', named }),
      'Uppy: sign': () => uppy({ kind: 'sign', named, partNumber: 1 }),
      'Uppy: batch': () => uppy({ kind: 'batch', named, partNumbers: [1] }),
      'Uppy: complete': () =>
        uppy({ kind: 'complete', named, parts: parts.length > 0 ? parts : [{ partNumber: 1, etag: 'e' }] }),
      'Uppy: abort': () => uppy({ kind: 'abort', named }),
    },
    // What happens beside the callers; a fault in one of these is tried again, by the queue or by the next
    // run.
    workers: {
      'the verification': () => arrival(slow).catch(() => undefined),
      'the sweep': () => sweep(slow, signal, UNHEARD),
    },
    /** Every arrival is delivered, and a sweep runs once all is due. */
    async settle() {
      now += 2 * LEASE_MS;
      await arrival(quick);
      now += 30 * DAYS;
      await swept(quick);
      for (const _key of queue.splice(0)) await arrival(quick);
      await swept(quick);
    },
  };
}

type World = Awaited<ReturnType<typeof setup>>;
const dummy = await setup('requested', { schedule: async () => undefined } as unknown as fc.Scheduler);
const CALLS = Object.keys(dummy.calls) as (keyof World['calls'])[];
const WORKERS = Object.keys(dummy.workers) as (keyof World['workers'])[];

/** What a caller was told, when the function would have answered with a 5xx. */
function toFault(result: PromiseSettledResult<unknown>): string | undefined {
  if (result.status === 'fulfilled') return undefined;
  const { reason } = result;
  return reason instanceof Refusal && reason.status < 500 ? undefined : String(reason);
}

describe('two calls about one upload at the same time', () => {
  // Completing beside a DELETE was answered 500 in 58 of 120 runs: S3 said NoSuchUpload.
  test.each(CALLS)(
    'such as %s beside any other are both answered, and the upload ends in one place',
    async (name) => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...CALLS, ...WORKERS),
          fc.constantFrom(...STAGES),
          fc.scheduler(),
          async (other, stage, scheduler) => {
            const world = await setup(stage, scheduler);
            const { calls, workers } = world;
            const pair = [calls[name], other in calls ? calls[other as never] : workers[other as never]];
            const both = Promise.allSettled(pair.map((call: () => Promise<unknown>) => call()));
            await scheduler.waitFor(both);
            expect((await both).map(toFault)).toEqual([undefined, undefined]);

            await world.settle();
            const { id, key } = world.upload;
            const row = world.ledger.rows.get(id)?.upload;
            const { incoming, store, quarantine } = world.objects.places;
            const places = [incoming, store, quarantine].map((place) => place.has(key));
            expect([row?.state, ...places]).toEqual([row?.state, false, row?.state === 'accepted', false]);
            expect(world.multipart.open.size).toBe(0);
            expect(row?.dueAt).toBeUndefined();
          },
        ),
        { numRuns: histories(300) },
      );
    },
  );
});

describe('an abort of Uppy’s', () => {
  test('that is overtaken by the verdict leaves the accepted file where it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const world = await setup('arrived', scheduler);
        const both = Promise.all([world.calls['Uppy: abort'](), world.workers['the verification']()]);
        await scheduler.waitFor(both);
        await world.settle();
        const state = world.ledger.rows.get(world.upload.id)?.upload.state;
        expect(['accepted', 'aborted']).toContain(state);
        expect(state).not.toBe('deleted');
      }),
      { numRuns: histories(300) },
    );
  });
});
