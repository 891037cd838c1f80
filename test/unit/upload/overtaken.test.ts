import { Refusal } from '@sluice/contract/refusals';
import type { Upload } from '@sluice/contract/upload';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toUser } from '../../../src/lib/upload/access.ts';
import { deleteUpload } from '../../../src/lib/upload/delete.ts';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { type Arrived, verify } from '../../../src/lib/upload/verify.ts';
import { policies } from '../../../src/policies.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { type Crash, crashing, Killed } from '../../fakes/crashing.ts';
import { histories } from '../../fakes/histories.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';
import { slowed } from '../../fakes/slowed.ts';
import { RAISED, UNHEARD } from '../../fakes/sweep-report.ts';

const HONEST = 'a,b\n1,2\n';
const DISHONEST = '<html>..';
const HOURS = 3_600_000;

/** One of those who are at the same upload at the same time. */
type Player =
  | {
      readonly is: 'worker';
      /** a worker of another deployment may know other policies: without its own, an upload is rejected */
      readonly knowsPolicy: boolean;
      readonly crash?: Crash | undefined;
    }
  | { readonly is: 'sweeper' | 'owner'; readonly crash?: Crash | undefined }
  | { readonly is: 'sender'; readonly bytes: string };

const crash = fc.option(
  fc.record({
    call: fc.integer({ min: 1, max: 8 }),
    when: fc.constantFrom<Crash['when']>('before', 'after'),
  }),
  { nil: undefined },
);
const player: fc.Arbitrary<Player> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ is: fc.constant('worker' as const), knowsPolicy: fc.boolean(), crash }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constantFrom('sweeper' as const, 'owner' as const), crash }) },
  {
    weight: 1,
    arbitrary: fc.record({ is: fc.constant('sender' as const), bytes: fc.constantFrom(HONEST, DISHONEST) }),
  },
);

/**
 * No lease holds anybody off: whoever comes later takes over, as from a worker that sleeps through its lease.
 */
const LEASE_MS = -1;

async function setup(store: Parameters<typeof createMemoryObjects>[0], scheduler: fc.Scheduler) {
  let now = 1_000_000;
  const ledger = createMemoryLedger();
  const objects = createMemoryObjects({ ...store, now: () => now });
  const multipart = createMemoryMultipart(objects);
  let ids = 0;
  const upload = aRequest({
    policy: 'data',
    contentType: 'text/csv',
    filename: 'a.csv',
    size: HONEST.length,
    dueAt: 900_000,
  });
  await ledger.record(upload);
  const queue: Arrived[] = [];
  const send = (bytes: string) => {
    const versionId = objects.put(upload.key, bytes);
    queue.push({ key: upload.key, ...(versionId !== undefined && { versionId }) });
  };
  send(HONEST);
  const signal = new AbortController().signal;
  const quick = {
    ledger,
    objects,
    multipart,
    policies,
    now: () => now,
    newId: () => `w${++ids}`,
    countArrivals: async () => 0,
    rowRetentionInSeconds: 60,
    announce: async ({ key }: Upload) => void queue.push({ key }),
  };
  const slow = (crash?: Crash) => {
    const { ports } = crashing({ ledger, objects, multipart }, crash);
    return {
      ...quick,
      ledger: slowed(scheduler, 'ledger', ports.ledger),
      objects: slowed(scheduler, 'objects', ports.objects),
      multipart: slowed(scheduler, 'multipart', ports.multipart),
    };
  };
  const deliver = async (deps: typeof quick, arrived: Arrived) => {
    await verify(deps, arrived, LEASE_MS, signal);
    const at = queue.indexOf(arrived);
    if (at >= 0) queue.splice(at, 1);
  };
  const drain = async () => {
    for (let tries = 0; queue[0] !== undefined; tries += 1) {
      if (tries > 20) throw new Error('an arrival is never acknowledged');
      await deliver(quick, queue[0]);
    }
  };

  return {
    upload,
    ledger,
    objects,
    async play(one: Player): Promise<void> {
      await scheduler.schedule(Promise.resolve(), one.is);
      now += 1;
      switch (one.is) {
        case 'worker': {
          const deps = { ...slow(one.crash), policies: one.knowsPolicy ? policies : {} };
          // A fault: the message comes again.
          return deliver(deps, queue[0] ?? { key: upload.key }).catch(() => undefined);
        }
        case 'sweeper':
          await sweep(slow(one.crash), signal, UNHEARD).catch(() => undefined);
          return;
        case 'owner':
          await deleteUpload(slow(one.crash), toUser(upload), upload.id).catch((error: unknown) => {
            if (!(error instanceof Refusal || error instanceof Killed)) throw error;
          });
          return;
        case 'sender':
          return send(one.bytes);
      }
    },
    /** Nobody is at work any more: the queue is drained, and the sweep comes twice, hours later. */
    async settle() {
      for (let times = 0; times < 2; times += 1) {
        now += 2 * HOURS;
        await drain();
        now += 2 * HOURS;
        await sweep(quick, signal, RAISED);
      }
    },
  };
}

// A worker that accepted removed a rejection's copy before its own verdict counted: where it was overtaken by
// one that rejected, no bytes were left where the row said. And a copy that landed after all was over stayed
// for good.
test.each([
  ['that keeps versions', { isVersioned: true }],
  ['that keeps none', { isVersioned: false }],
  ['that replaces copies', { replacesCopies: true }],
  ['that copies whatever is there', { ignoresSource: true }],
])(
  'workers that overtake each other under different policies, in a store %s, leave one copy: where the row says',
  async (_store, options) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(player, { minLength: 2, maxLength: 5 }),
        fc.scheduler(),
        async (players, scheduler) => {
          const world = await setup(options, scheduler);
          await scheduler.waitFor(Promise.all(players.map((one) => world.play(one))));
          await world.settle();

          const { id, key } = world.upload;
          const { state, dueAt } = world.ledger.rows.get(id)?.upload ?? {};
          const { store, quarantine } = world.objects.places;
          const places = { store: store.has(key), quarantine: quarantine.has(key) };
          expect({ state, dueAt, ...places }).toEqual({
            state,
            dueAt: undefined,
            store: state === 'accepted',
            quarantine: state === 'rejected',
          });
          expect(['accepted', 'rejected', 'aborted', 'deleted']).toContain(state);
          if (store.has(key)) expect(Buffer.from(store.get(key)?.bytes ?? []).toString()).toBe(HONEST);
        },
      ),
      { numRuns: histories(500) },
    );
  },
);
