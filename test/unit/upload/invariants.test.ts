import { Refusal } from '@sluice/contract/refusals';
import { isMove, isSettled, type State } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toUser } from '../../../src/lib/upload/access.ts';
import { deleteUpload } from '../../../src/lib/upload/delete.ts';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { type Arrived, verify } from '../../../src/lib/upload/verify.ts';
import { policies } from '../../../src/policies.ts';
import { aGrant } from '../../contract/grants.contract.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { type Crash, crashing } from '../../fakes/crashing.ts';
import { histories } from '../../fakes/histories.ts';
import { createMemoryGrants } from '../../fakes/memory-grants.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';
import { UNHEARD } from '../../fakes/sweep-report.ts';

const HONEST = 'a,b\n1,2\n';
const DISHONEST = '<html>..';
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
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('put' as const),
    upload,
    bytes: fc.constantFrom(HONEST, DISHONEST, `${HONEST}x`),
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
);

async function setup(store: Parameters<typeof createMemoryObjects>[0]) {
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
  const history = uploads.map((): State[] => ['requested']);
  const storedOnce = new Map<string, string>();
  let now = 1_000_000;
  let skew = 0;
  let ids = 0;
  const signal = new AbortController().signal;

  const worldOf = (crash?: Crash) => ({
    ...crashing({ ledger, objects, multipart }, crash).ports,
    policies,
    now: () => now + skew,
    newId: () => `w${++ids}`,
    rowRetentionInSeconds: 60,
    announce: async ({ key }: Upload) => void queue.push({ key }),
  });
  /** What the grant has to have taken, by the row of the upload that is under it. */
  const takenByRow = () => {
    const { reserved, evidence, state } = ledger.rows.get(uploads[0]?.id ?? '')?.upload ?? {};
    if (reserved !== undefined) return [1, reserved];
    const isKept = state === 'accepted' || (state === 'deleted' && evidence !== undefined);
    return isKept ? [1, evidence?.size] : [0, 0];
  };
  const look = () => {
    const { takenUploads, takenBytes } = grants.rows.get(grant.id) ?? {};
    expect([takenUploads, takenBytes], 'a grant has taken what its uploads have').toEqual(takenByRow());
    uploads.forEach(({ id, key }, index) => {
      const state = ledger.rows.get(id)?.upload.state ?? 'requested';
      if (history[index]?.at(-1) !== state) history[index]?.push(state);
      const stored = objects.places.store.get(key);
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
  const sweepOnce = (crash?: Crash) => sweep(worldOf(crash), signal, UNHEARD).catch(() => undefined);

  const take = async (step: Step): Promise<void> => {
    switch (step.do) {
      case 'put': {
        const row = uploads[step.upload];
        // S3 refuses a second PUT to a key that is taken; a form may overwrite.
        if (!row || (objects.places.incoming.has(row.key) && !step.isOverwriting)) return;
        const versionId = objects.put(row.key, step.bytes);
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
    for (let times = 0; times < 2; times += 1) {
      await drain();
      now += 30 * 86_400_000;
      await sweepOnce();
    }
    look();
  };
  return { uploads, ledger, objects, history, look, take, settle };
}

test.each([
  ['that keeps versions', { isVersioned: true }],
  ['that keeps none', { isVersioned: false }],
  ['that replaces copies', { replacesCopies: true }],
])(
  'whatever is repeated, lost, reordered, killed or raced in a store %s ends with every object in the one place its row says',
  async (_store, options) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const world = await setup(options);
        for (const step of steps) {
          await world.take(step);
          world.look();
        }
        await world.settle();

        world.uploads.forEach(({ id, key }, index) => {
          const state = world.ledger.rows.get(id)?.upload.state ?? 'requested';
          const { store, quarantine } = world.objects.places;
          expect(isSettled(state), `settled, not ${state}`).toBe(true);
          expect(world.ledger.rows.get(id)?.upload.dueAt, 'nothing is left to do').toBeUndefined();
          expect(world.ledger.rows.get(id)?.upload.reserved, 'nothing is set aside').toBeUndefined();
          expect([state, store.has(key)]).toEqual([state, state === 'accepted']);
          expect([state, quarantine.has(key)]).toEqual([state, state === 'rejected']);
          if (store.has(key)) expect(Buffer.from(store.get(key)?.bytes ?? []).toString()).toBe(HONEST);
          const moves = world.history[index] ?? [];
          for (const [at, to] of moves.slice(1).entries()) {
            const from = moves[at] ?? 'requested';
            // A whole verification may lie between two looks.
            const isThroughVerifying = from === 'requested' && isMove('verifying', to);
            const isThroughAccepted = to === 'deleted' && !isSettled(from);
            expect(isMove(from, to) || isThroughVerifying || isThroughAccepted, `${from} → ${to}`).toBe(true);
          }
        });
      }),
      { numRuns: histories(3_000) },
    );
  },
);
