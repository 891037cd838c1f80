import { Refusal } from '@sluice/contract/refusals';
import type { Scanner, ScanOutcome } from '@sluice/contract/scan';
import { isMove, isSettled, STATES, type State } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toUser } from '../../../src/lib/upload/access.ts';
import { deleteUpload } from '../../../src/lib/upload/delete.ts';
import { takeRescan } from '../../../src/lib/upload/recall.ts';
import { freeHeld, takeResult } from '../../../src/lib/upload/scan.ts';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { type Arrived, verify } from '../../../src/lib/upload/verify.ts';
import { aGrant } from '../../contract/grants.contract.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { type Crash, crashing } from '../../fakes/crashing.ts';
import { histories } from '../../fakes/histories.ts';
import { createMemoryGrants } from '../../fakes/memory-grants.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';
import { createFakeScanners, STORE, scannedBy, toResult } from '../../fakes/scanners.ts';
import { UNHEARD } from '../../fakes/sweep-report.ts';

const HONEST = 'a,b\n1,2\n';
const DISHONEST = '<html>..';
/** Honest in all that the bytes show; scanners know better. */
const HARMFUL = 'e,v\n6,6\n';
const LEASE_MS = 1_000;
const VISIBILITY_MS = 360_000;
const RECEIVES_AT_MOST = 5;
// Each put brings a message of its own, all about the same key.
const PUTS_AT_MOST = 25;
const SKEW_MS = 900_000;

/** Two uploads, of tenants of which one is a prefix of the other, and whatever may happen to them. */
type Step =
  | { readonly do: 'put'; readonly upload: 0 | 1; readonly bytes: string; readonly isOverwriting: boolean }
  | { readonly do: 'deliver' | 'repeat'; readonly message: number; readonly crash?: Crash }
  | { readonly do: 'lose'; readonly message: number }
  | { readonly do: 'delete'; readonly upload: 0 | 1; readonly crash?: Crash }
  | { readonly do: 'sweep'; readonly crash?: Crash }
  /** a scanner answers one of its requests, whenever that was made: by what it sees, or not at all */
  | {
      readonly do: 'answer';
      readonly request: number;
      readonly isKept: boolean;
      readonly fails?: 'failed' | 'unsupported';
      readonly crash?: Crash;
    }
  | { readonly do: 'lose-request'; readonly request: number }
  /** a scanner fails again and again, until nobody asks it any more */
  | { readonly do: 'fail-for-good'; readonly request: number }
  /** an answer of one upload comes with the id of the other */
  | { readonly do: 'mix-up'; readonly request: number }
  | { readonly do: 'rescan'; readonly upload: 0 | 1; readonly crash?: Crash }
  | { readonly do: 'free'; readonly upload: 0 | 1; readonly crash?: Crash }
  | { readonly do: 'pass' | 'skew'; readonly ms: number };

const upload = fc.constantFrom<0 | 1>(0, 1);
const crash = fc.option(
  fc.record({
    call: fc.integer({ min: 1, max: 8 }),
    when: fc.constantFrom<Crash['when']>('before', 'after'),
  }),
  { nil: undefined },
);
const message = fc.nat({ max: 9 });
function stepOf(...bytes: string[]): fc.Arbitrary<Step>[] {
  return [
    fc.record({
      do: fc.constant('put' as const),
      upload,
      bytes: fc.constantFrom(HONEST, DISHONEST, `${HONEST}x`, ...bytes),
      isOverwriting: fc.boolean(),
    }),
    fc.record({
      do: fc.constantFrom('deliver' as const, 'repeat' as const),
      message,
      crash,
    }) as fc.Arbitrary<Step>,
    fc.record({ do: fc.constant('lose' as const), message }),
    fc.record({ do: fc.constant('delete' as const), upload, crash }) as fc.Arbitrary<Step>,
    fc.record({ do: fc.constant('sweep' as const), crash }) as fc.Arbitrary<Step>,
    fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 7_200_000 }) }),
    // Workers' clocks differ, by a quarter of an hour either way.
    fc.record({ do: fc.constant('skew' as const), ms: fc.integer({ min: -SKEW_MS, max: SKEW_MS }) }),
  ];
}
const answer = fc.record({
  do: fc.constant('answer' as const),
  request: message,
  isKept: fc.boolean(),
  fails: fc.option(fc.constantFrom('failed' as const, 'unsupported' as const), { nil: undefined }),
  crash,
}) as fc.Arbitrary<Step>;
const scanStep: fc.Arbitrary<Step>[] = [
  answer,
  answer,
  fc.record({
    do: fc.constantFrom('lose-request' as const, 'mix-up' as const, 'fail-for-good' as const),
    request: message,
  }),
  fc.record({ do: fc.constant('rescan' as const), upload, crash }) as fc.Arbitrary<Step>,
  fc.record({ do: fc.constant('free' as const), upload, crash }) as fc.Arbitrary<Step>,
];

async function setup(store: Parameters<typeof createMemoryObjects>[0], demanded: readonly Scanner[]) {
  const grants = createMemoryGrants();
  const grant = aGrant({ tenant: 'tenant1', uploads: 1, bytes: HONEST.length + 2, expiresAt: 2_000_000 });
  await grants.record(grant);
  const ledger = createMemoryLedger(grants);
  const objects = createMemoryObjects({ ...store, now: () => now });
  const multipart = createMemoryMultipart(objects);
  // One name has no extension, and one is from before names that run were refused.
  const uploads = [
    aRequest({ tenant: 'tenant1', filename: 'rows.2024' }),
    aRequest({ tenant: 'tenant10', filename: 'rows.hta' }),
  ].map((row) => ({
    ...row,
    policy: 'data',
    contentType: 'text/csv',
    size: HONEST.length,
    dueAt: 4_000_000,
    // One is under a grant, with more set aside than an honest file has.
    ...(row.tenant === grant.tenant && { grantId: grant.id, reserved: HONEST.length + 2 }),
  }));
  for (const row of uploads) await ledger.record(row, { grant });
  const queue: Arrived[] = [];
  const scanners = createFakeScanners('clamav', 'guardduty');
  const policies = scannedBy(...demanded);
  /** what each version is of, and who has said that it is clean */
  const bytesOf = new Map<string, string>();
  const clean = new Set<string>();
  const history = uploads.map((): State[] => ['requested']);
  const storedOnce = new Map<string, string>();
  let now = 1_000_000;
  let skew = 0;
  let ids = 0;
  const signal = new AbortController().signal;

  const worldOf = (crash?: Crash) => ({
    ...crashing({ ledger, objects, multipart, scanners }, crash).ports,
    policies,
    now: () => now + skew,
    newId: () => `w${++ids}`,
    countArrivals: async () => 0,
    rowRetentionInSeconds: 60,
    announce: async ({ key }: Upload) => void queue.push({ key }),
  });
  /** What the grant has to have taken, by the row of the upload that is under it. */
  const takenByRow = () => {
    const { reserved, evidence, state } = ledger.rows.get(uploads[0]?.id ?? '')?.upload ?? {};
    if (reserved !== undefined) return [1, reserved];
    const wasAccepted = state === 'deleted' || state === 'recalled';
    const isKept = state === 'accepted' || (wasAccepted && evidence !== undefined);
    return isKept ? [1, evidence?.size] : [0, 0];
  };
  const look = () => {
    const { takenUploads, takenBytes } = grants.rows.get(grant.id) ?? {};
    expect([takenUploads, takenBytes], 'a grant has taken what its uploads have').toEqual(takenByRow());
    uploads.forEach(({ id, key }, index) => {
      const state = ledger.rows.get(id)?.upload.state ?? 'requested';
      if (history[index]?.at(-1) !== state) history[index]?.push(state);
      const stored = objects.places.store.get(key);
      for (const scanner of stored ? demanded : []) {
        const bytes = Buffer.from(stored?.bytes ?? []).toString();
        expect(clean.has(`${scanner} ${bytes}`), 'nothing unscanned is in the store').toBe(true);
      }
      if (stored && state === 'accepted') {
        const bytes = Buffer.from(stored.bytes).toString();
        expect(storedOnce.get(key) ?? bytes, 'the bytes in the store never change').toBe(bytes);
        storedOnce.set(key, bytes);
        const { contentType, contentDisposition } = stored.headers ?? {};
        expect(contentType).toBe('text/csv; charset=utf-8');
        expect(contentDisposition, 'a name has an extension of its type').toMatch(
          /^attachment; .*\.csv"; .*\.csv$/,
        );
      }
    });
  };
  const deliver = async (index: number, isKept: boolean, crash?: Crash) => {
    const arrived = queue[index % Math.max(1, queue.length)];
    if (arrived === undefined) return;
    try {
      await verify(worldOf(crash), arrived, LEASE_MS, signal);
      if (!isKept) queue.splice(index % queue.length, 1);
    } catch {
      // not acknowledged: it comes again
    }
  };
  const answer = async (
    index: number,
    { isKept, says, crash }: { isKept: boolean; says?: ScanOutcome | undefined; crash?: Crash | undefined },
  ) => {
    const request = scanners.asked[index % Math.max(1, scanners.asked.length)];
    if (request === undefined) return;
    const bytes = bytesOf.get(request.etag) ?? '';
    const outcome = says ?? (bytes === HARMFUL ? 'infected' : 'clean');
    if (outcome === 'clean') clean.add(`${request.scanner} ${bytes}`);
    try {
      await takeResult(worldOf(crash), toResult(request, { outcome }));
      if (!isKept) scanners.asked.splice(index % scanners.asked.length, 1);
    } catch (error) {
      if ((error as Error).name !== 'Killed') throw error;
    }
  };
  const rescan = async ({ id, key }: Upload, crash?: Crash) => {
    const etag = (await objects.facts('store', key))?.etag;
    if (etag === undefined) return;
    const of = { uploadId: id, bucket: STORE, key, etag };
    await takeRescan(
      worldOf(crash),
      { schema: 1, scanner: 'clamav', ...of, outcome: 'infected', threats: ['New'] },
      signal,
    ).catch((error: Error) => {
      if (error.name !== 'Killed') throw error;
    });
  };
  const free = async (id: string, crash?: Crash) => {
    const row = ledger.rows.get(id)?.upload;
    if (row?.state !== 'held') return;
    await freeHeld(worldOf(crash), row).catch((error: Error) => {
      if (error.name !== 'Killed') throw error;
    });
  };
  const sweepOnce = (crash?: Crash) => sweep(worldOf(crash), signal, UNHEARD).catch(() => undefined);

  const take = async (step: Step): Promise<void> => {
    switch (step.do) {
      case 'put': {
        const row = uploads[step.upload];
        // S3 refuses a second PUT to a key that is taken; a form may overwrite.
        if (!row || (objects.places.incoming.has(row.key) && !step.isOverwriting)) return;
        const versionId = objects.put(row.key, step.bytes);
        bytesOf.set((await objects.facts('incoming', row.key))?.etag ?? '', step.bytes);
        queue.push({ key: row.key, ...(versionId !== undefined && { versionId }) });
        return;
      }
      case 'deliver':
        return deliver(step.message, false, step.crash);
      case 'repeat':
        return deliver(step.message, true, step.crash);
      case 'lose':
        if (queue.length > 0) queue.splice(step.message % queue.length, 1);
        return;
      case 'delete': {
        const row = uploads[step.upload];
        if (!row) return;
        await deleteUpload(worldOf(step.crash), toUser(row), row.id).catch((error: unknown) => {
          if (!(error instanceof Refusal) && (error as Error).name !== 'Killed') throw error;
        });
        return;
      }
      case 'answer':
        return answer(step.request, { isKept: step.isKept, says: step.fails, crash: step.crash });
      case 'lose-request':
        if (scanners.asked.length > 0) scanners.asked.splice(step.request % scanners.asked.length, 1);
        return;
      case 'fail-for-good': {
        const { scanner, uploadId } = scanners.asked[step.request % Math.max(1, scanners.asked.length)] ?? {};
        for (let times = 0; times < 5; times += 1) {
          const last = scanners.asked.findLastIndex(
            (asked) => asked.scanner === scanner && asked.uploadId === uploadId,
          );
          if (last >= 0) await answer(last, { isKept: false, says: 'failed' });
        }
        return;
      }
      case 'mix-up': {
        const request = scanners.asked[step.request % Math.max(1, scanners.asked.length)];
        const other = uploads.find(({ id }) => id !== request?.uploadId);
        if (request && other) await takeResult(worldOf(), toResult(request, { uploadId: other.id }));
        return;
      }
      case 'rescan':
        return rescan(uploads[step.upload] as Upload, step.crash);
      case 'free':
        return free(uploads[step.upload]?.id ?? '', step.crash);
      case 'sweep':
        await sweepOnce(step.crash);
        return;
      case 'pass':
        now += step.ms;
        return;
      case 'skew':
        skew = step.ms;
    }
  };
  const drain = async () => {
    const receives = new Map<string, number>();
    while (queue[0] !== undefined) {
      const [{ key }] = queue;
      receives.set(key, (receives.get(key) ?? 0) + 1);
      if ((receives.get(key) ?? 0) > RECEIVES_AT_MOST + PUTS_AT_MOST)
        throw new Error('an arrival is never acknowledged');
      now += VISIBILITY_MS;
      await deliver(0, false);
      look();
    }
  };
  /**
   * Every fault is over: the queue is drained, a sweep runs once all is due, and once more after what it
   * brought about.
   */
  const settle = async () => {
    // One more look, a scan and a freed upload each take one round more.
    for (let times = 0; times < (demanded.length === 0 ? 2 : 5); times += 1) {
      await drain();
      while (scanners.asked.length > 0) await answer(0, { isKept: false });
      await drain();
      for (const { id } of uploads) await free(id);
      now += 30 * 86_400_000;
      await sweepOnce();
    }
    look();
  };
  return { uploads, ledger, objects, history, look, take, settle };
}

/** Whether a row may have come from one state to another by at most three moves between two looks. */
function mayHaveCome(from: State, to: State, moves = 3): boolean {
  if (isMove(from, to)) return true;
  return moves > 1 && STATES.some((state) => isMove(from, state) && mayHaveCome(state, to, moves - 1));
}

test.each(
  [
    ['that keeps versions', { isVersioned: true }],
    ['that keeps none', { isVersioned: false }],
    ['that replaces copies', { replacesCopies: true }],
  ].flatMap(([store, options]) => [
    { store, options: options as object, demanded: [] as Scanner[], runs: 3_000 },
    { store, options: options as object, demanded: ['clamav', 'guardduty'] as Scanner[], runs: 500 },
  ]),
)(
  'whatever is repeated, lost, reordered, killed or raced in a store $store, with scanners $demanded, ends with every object in the one place its row says',
  async ({ options, demanded, runs }) => {
    const isScanned = demanded.length > 0;
    const steps = isScanned
      ? fc.array(fc.oneof(...stepOf(HARMFUL), ...scanStep), { minLength: 12, maxLength: 40 })
      : fc.array(fc.oneof(...stepOf()), { maxLength: 25 });
    // Most histories would else end before a scanner is asked.
    const beginning = [HONEST, HARMFUL].flatMap((bytes, upload): readonly Step[] => [
      { do: 'put', upload: upload as 0 | 1, bytes, isOverwriting: false },
      { do: 'repeat', message: upload },
      { do: 'answer', request: 2 * upload, isKept: true },
      { do: 'answer', request: 2 * upload + 1, isKept: true },
      { do: 'repeat', message: upload },
    ]);
    await fc.assert(
      fc.asyncProperty(steps, fc.nat({ max: 10 }), async (steps, begun) => {
        const world = await setup(options, demanded);
        for (const step of isScanned ? [...beginning.slice(0, begun), ...steps] : steps) {
          await world.take(step);
          world.look();
        }
        await world.settle();

        world.uploads.forEach(({ id, key }, index) => {
          const state = world.ledger.rows.get(id)?.upload.state ?? 'requested';
          const { store, quarantine } = world.objects.places;
          const isInQuarantine = state === 'rejected' || state === 'recalled';
          expect(isSettled(state), `settled, not ${state}`).toBe(true);
          expect(world.ledger.rows.get(id)?.upload.dueAt, 'nothing is left to do').toBeUndefined();
          expect(world.ledger.rows.get(id)?.upload.reserved, 'nothing is set aside').toBeUndefined();
          expect([state, store.has(key)]).toEqual([state, state === 'accepted']);
          expect([state, quarantine.has(key)]).toEqual([state, isInQuarantine]);
          if (store.has(key)) expect(Buffer.from(store.get(key)?.bytes ?? []).toString()).toBe(HONEST);
          const moves = world.history[index] ?? [];
          for (const [at, to] of moves.slice(1).entries()) {
            const from = moves[at] ?? 'requested';
            expect(mayHaveCome(from, to), `${from} → ${to}`).toBe(true);
          }
        });
      }),
      { numRuns: histories(runs) },
    );
  },
);
