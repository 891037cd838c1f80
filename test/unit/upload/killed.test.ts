import type { Upload } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import { toUser } from '../../../src/lib/upload/access.ts';
import { deleteUpload } from '../../../src/lib/upload/delete.ts';
import type { Keep } from '../../../src/lib/upload/keep.ts';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { verify } from '../../../src/lib/upload/verify.ts';
import { policies } from '../../../src/policies.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { type Crash, crashing, Killed } from '../../fakes/crashing.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';
import { RAISED } from '../../fakes/sweep-report.ts';

const HONEST = 'a,b\n1,2\n';
const DISHONEST = '<html>..';
const LEASE_MS = 1_000;
const VISIBILITY_MS = 6_000;

async function setup() {
  const memoryLedger = createMemoryLedger();
  const memoryObjects = createMemoryObjects();
  const memoryMultipart = createMemoryMultipart(memoryObjects);
  let now = 10_000;
  let ids = 0;
  const upload = aRequest({
    policy: 'data',
    contentType: 'text/csv',
    filename: 'a.csv',
    size: HONEST.length,
  });
  await memoryLedger.record(upload);
  const signal = new AbortController().signal;
  const world = (crash?: Crash) => {
    const { ports, calls } = crashing(
      { ledger: memoryLedger, objects: memoryObjects, multipart: memoryMultipart },
      crash,
    );
    const announce = async () => undefined;
    const deps = {
      ...ports,
      announce,
      policies,
      now: () => now,
      newId: () => `w${++ids}`,
      rowRetentionInSeconds: 60,
    };
    return { deps, calls };
  };
  /** What the queue does: brings the arrival until it is acknowledged. */
  const drain = async () => {
    for (let receives = 0; receives < 5; receives += 1) {
      now += VISIBILITY_MS;
      try {
        await verify(world().deps, { key: upload.key }, LEASE_MS, signal);
        return;
      } catch {
        // it comes again
      }
    }
    throw new Error('the arrival reached the dead-letter queue');
  };
  const sweepOnce = async () => {
    now += 3_600_000;
    const announce = async (row: Upload) => {
      await verify(world().deps, { key: row.key }, LEASE_MS, signal);
    };
    await sweep({ ...world().deps, announce }, signal, RAISED);
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { upload, objects: memoryObjects, ledger: memoryLedger, world, drain, sweepOnce, pass, signal };
}

type World = Awaited<ReturnType<typeof setup>>;

/** I1: the object is in exactly the place that the row says. */
function placesOf({ objects, upload }: World) {
  return (['incoming', 'store', 'quarantine'] as const).filter((place) =>
    objects.places[place].has(upload.key),
  );
}

/** Runs `act` killed at every call it makes, before and after, until one run gets through unharmed. */
async function killEverywhere(
  prepare: (world: World) => Promise<void>,
  act: (world: World, deps: ReturnType<World['world']>['deps']) => Promise<unknown>,
  check: (world: World, crash: Crash) => Promise<void>,
): Promise<number> {
  for (let call = 1; ; call += 1) {
    for (const when of ['before', 'after'] as const) {
      const world = await setup();
      await prepare(world);
      const crash = { call, when };
      const { deps, calls } = world.world(crash);
      try {
        await act(world, deps);
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
      }
      if (calls() < call) return call - 1;
      await check(world, crash);
    }
  }
}

describe('a worker that is killed at any call it makes', () => {
  test.each([
    ['an honest file', HONEST, 'accepted', 'store'],
    ['a dishonest file', DISHONEST, 'rejected', 'quarantine'],
  ])(
    'leaves %s to be settled by the next delivery, in exactly one place',
    async (_case, bytes, state, place) => {
      const points = await killEverywhere(
        async ({ objects, upload }) => {
          objects.put(upload.key, bytes);
        },
        ({ upload, signal }, deps) => verify(deps, { key: upload.key }, LEASE_MS, signal),
        async (world, crash) => {
          await world.drain();
          const row = world.ledger.rows.get(world.upload.id)?.upload;
          expect([crash, row?.state, placesOf(world)]).toEqual([crash, state, [place]]);
        },
      );
      expect(points).toBeGreaterThanOrEqual(6);
    },
  );

  test('or while it renews its lease leaves the same, and a renewal after the verdict changes nothing', async () => {
    const points = await killEverywhere(
      async ({ objects, upload }) => {
        objects.put(upload.key, HONEST);
      },
      ({ upload, signal }, deps) => {
        const keep: Keep = async (renew, work) => {
          await renew();
          const result = await work(signal);
          await renew();
          return result;
        };
        return verify(deps, { key: upload.key }, LEASE_MS, signal, keep);
      },
      async (world, crash) => {
        await world.drain();
        await world.sweepOnce();
        const row = world.ledger.rows.get(world.upload.id);
        expect([crash, row?.upload.state, placesOf(world)]).toEqual([crash, 'accepted', ['store']]);
        expect([row?.leaseEndsAt, row?.upload.dueAt]).toEqual([undefined, undefined]);
      },
    );
    // Facts, claim, renew, read, copy, move, remove, renew.
    expect(points).toBeGreaterThanOrEqual(8);
  });

  test('leaves a file whose redelivery is lost as well to be settled by one sweep', async () => {
    await killEverywhere(
      async ({ objects, upload }) => {
        objects.put(upload.key, HONEST);
      },
      ({ upload, signal }, deps) => verify(deps, { key: upload.key }, LEASE_MS, signal),
      async (world, crash) => {
        await world.sweepOnce();
        const row = world.ledger.rows.get(world.upload.id)?.upload;
        expect([crash, row?.state]).toEqual([crash, 'accepted']);
        expect(placesOf(world)).toContain('store');
      },
    );
  });
});

describe('a copy that a killed worker left behind', () => {
  /**
   * A worker is killed right after its copy; the bytes are overwritten; others may be killed at a call of
   * theirs, in turn.
   */
  const leaveCopy = async (first: string, second: string, ...kills: number[]) => {
    const world = await setup();
    for (const [turn, call] of kills.entries()) {
      world.objects.put(world.upload.key, turn === 0 ? first : second);
      const { deps } = world.world({ call, when: 'after' });
      await expect(verify(deps, { key: world.upload.key }, LEASE_MS, world.signal)).rejects.toThrow(
        'killed after objects.copy',
      );
      world.pass(VISIBILITY_MS);
    }
    world.objects.put(world.upload.key, second);
    await world.drain();
    await world.sweepOnce();
    const { state, dueAt } = world.ledger.rows.get(world.upload.id)?.upload ?? {};
    return { state, dueAt, places: placesOf(world) };
  };

  test('in the store stands: it was verified, and bytes that came after it change nothing', async () => {
    // Calls: facts, claim, readRange, copy, then the ledger is told.
    const end = await leaveCopy(HONEST, DISHONEST, 4);
    expect(end).toEqual({ state: 'accepted', dueAt: undefined, places: ['store'] });
  });

  test('in quarantine is removed by the next sweep when the bytes were overwritten and the next verdict differs', async () => {
    // Calls: facts, claim, readRange, facts of the store, copy, then the ledger is told.
    const end = await leaveCopy(DISHONEST, HONEST, 5);
    expect(end).toEqual({ state: 'accepted', dueAt: undefined, places: ['store'] });
  });

  // The third worker takes the verdict of the store over. It looked nowhere else, and the copy in quarantine
  // stayed for good.
  test('in quarantine is removed, too, when the worker that accepted instead is killed after its copy', async () => {
    const end = await leaveCopy(DISHONEST, HONEST, 5, 4);
    expect(end).toEqual({ state: 'accepted', dueAt: undefined, places: ['store'] });
  });
});

describe('a deletion that is killed at any call it makes', () => {
  test('is finished by one sweep: nothing is left in any bucket', async () => {
    const points = await killEverywhere(
      async (world) => {
        world.objects.put(world.upload.key, HONEST);
        await world.drain();
      },
      ({ upload }, deps) => deleteUpload(deps, toUser(upload), upload.id),
      async (world, crash) => {
        await world.sweepOnce();
        const row = world.ledger.rows.get(world.upload.id)?.upload;
        // Killed before the ledger knew of it, the deletion has not happened, and the caller was told so.
        const expected = row?.state === 'accepted' ? ['accepted', ['store']] : ['deleted', []];
        expect([crash, row?.state, placesOf(world)]).toEqual([crash, ...expected]);
        expect(row?.dueAt).toBeUndefined();
      },
    );
    expect(points).toBeGreaterThanOrEqual(4);
  });
});

describe('a worker that wakes up after another has taken over', () => {
  test('commits nothing: the later verdict stands', async () => {
    const world = await setup();
    world.objects.put(world.upload.key, HONEST);
    const { deps } = world.world();
    const { copy } = deps.objects;
    const objects = {
      ...deps.objects,
      copy: async (...args: Parameters<typeof copy>) => {
        const outcome = await copy(...args);
        await world.drain();
        return outcome;
      },
    };
    await expect(
      verify({ ...deps, objects }, { key: world.upload.key }, LEASE_MS, world.signal),
    ).rejects.toThrow('taken over');
    expect(world.ledger.rows.get(world.upload.id)?.upload).toMatchObject({ state: 'accepted', epoch: 2 });
    expect(placesOf(world)).toEqual(['store']);
  });
});
