import type { Scanner, ScanOutcome } from '@sluice/contract/scan';
import type { Upload } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import { toUser } from '../../../src/lib/upload/access.ts';
import { deleteUpload } from '../../../src/lib/upload/delete.ts';
import type { Keep } from '../../../src/lib/upload/keep.ts';
import { takeRescan } from '../../../src/lib/upload/recall.ts';
import { freeHeld, takeResult } from '../../../src/lib/upload/scan.ts';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { verify } from '../../../src/lib/upload/verify.ts';
import { policies as shipped } from '../../../src/policies.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { type Crash, crashing, Killed } from '../../fakes/crashing.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';
import { createFakeScanners, STORE, scannedBy, toResult } from '../../fakes/scanners.ts';
import { RAISED } from '../../fakes/sweep-report.ts';

const HONEST = 'a,b\n1,2\n';
const DISHONEST = '<html>..';
const LEASE_MS = 1_000;
const VISIBILITY_MS = 6_000;

async function setup(demanded: readonly Scanner[] = []) {
  const policies = demanded.length === 0 ? shipped : scannedBy(...demanded);
  const scanners = createFakeScanners('clamav', 'guardduty');
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
  const announced: string[] = [];
  const announce = async ({ id }: Upload) => void announced.push(id);
  const world = (crash?: Crash) => {
    const { ports, calls } = crashing(
      {
        ledger: memoryLedger,
        objects: memoryObjects,
        multipart: memoryMultipart,
        scanners,
        queue: { announce },
      },
      crash,
    );
    const deps = {
      ...ports,
      announce: ports.queue.announce,
      policies,
      now: () => now,
      newId: () => `w${++ids}`,
      countArrivals: async () => 0,
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
  /**
   * Every fault is over: all scanners answer, what is announced is delivered, and the sweep looks for the
   * rest.
   */
  const scanToTheEnd = async (outcome: ScanOutcome) => {
    for (let times = 0; times < 12; times += 1) {
      for (const request of scanners.asked.splice(0)) {
        await takeResult(world().deps, toResult(request, { outcome }));
      }
      const { state } = memoryLedger.rows.get(upload.id)?.upload ?? upload;
      if (state === 'verifying' || state === 'requested') await drain();
      else if (state !== 'scanning') return;
      await sweepOnce();
    }
    throw new Error('the scan never ends');
  };
  return {
    upload,
    objects: memoryObjects,
    ledger: memoryLedger,
    scanners,
    announced,
    world,
    drain,
    sweepOnce,
    scanToTheEnd,
    pass,
    signal,
  };
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
  demanded?: readonly Scanner[],
): Promise<number> {
  for (let call = 1; ; call += 1) {
    for (const when of ['before', 'after'] as const) {
      const world = await setup(demanded);
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

describe('a scan that is killed at any call it makes', () => {
  const DEMANDED = ['clamav', 'guardduty'] as const;
  const stateOf = ({ ledger, upload }: World) => ledger.rows.get(upload.id)?.upload;

  /** Waits for its scanners, which have been asked. */
  const scanning = async (world: World) => {
    world.objects.put(world.upload.key, HONEST);
    await world.drain();
    expect(stateOf(world)?.state).toBe('scanning');
  };
  const endsAs =
    (outcome: ScanOutcome, state: string, place: string) => async (world: World, crash: Crash) => {
      await world.scanToTheEnd(outcome);
      const row = stateOf(world);
      expect([crash, row?.state, placesOf(world)]).toEqual([crash, state, [place]]);
    };

  test.each([
    ['clean', 'accepted', 'store'],
    ['infected', 'rejected', 'quarantine'],
  ] as const)(
    'while it is begun ends %s: scanners are asked by it, or by the sweep',
    async (outcome, state, place) => {
      const points = await killEverywhere(
        async ({ objects, upload }) => {
          objects.put(upload.key, HONEST);
        },
        ({ upload, signal }, deps) => verify(deps, { key: upload.key }, LEASE_MS, signal),
        endsAs(outcome, state, place),
        DEMANDED,
      );
      // Facts, claim, read, move, ask.
      expect(points).toBe(5);
    },
  );

  test.each([
    ['clean', 'accepted', 'store'],
    ['infected', 'rejected', 'quarantine'],
  ] as const)('while a result is recorded ends %s, once it is repeated', async (outcome, state, place) => {
    const points = await killEverywhere(
      scanning,
      async ({ scanners }, deps) => {
        for (const request of scanners.asked) await takeResult(deps, toResult(request, { outcome }));
      },
      async (world, crash) => {
        for (const request of world.scanners.asked) {
          await takeResult(world.world().deps, toResult(request, { outcome }));
        }
        expect([crash, world.announced.length > 0]).toEqual([crash, true]);
        await endsAs(outcome, state, place)(world, crash);
      },
      DEMANDED,
    );
    expect(points).toBeGreaterThanOrEqual(4);
  });

  test('while a result is recorded ends, too, if the result is lost for good', async () => {
    await killEverywhere(
      scanning,
      ({ scanners }, deps) =>
        takeResult(
          deps,
          toResult(scanners.asked[0] as Parameters<typeof toResult>[0], { outcome: 'failed' }),
        ),
      async (world, crash) => {
        world.scanners.asked.splice(0);
        await world.sweepOnce();
        await endsAs('clean', 'accepted', 'store')(world, crash);
      },
      DEMANDED,
    );
  });

  test('while it is taken up again after all have answered leaves nothing unscanned in the store', async () => {
    const points = await killEverywhere(
      async (world) => {
        await scanning(world);
        for (const request of world.scanners.asked.splice(0)) {
          await takeResult(world.world().deps, toResult(request));
        }
      },
      ({ upload, signal }, deps) => verify(deps, { key: upload.key }, LEASE_MS, signal),
      async (world, crash) => {
        await world.drain();
        await endsAs('clean', 'accepted', 'store')(world, crash);
      },
      DEMANDED,
    );
    // Facts, claim, read, copy, move, remove.
    expect(points).toBe(6);
  });

  test('in the sweep is finished by the next one', async () => {
    await killEverywhere(
      async (world) => {
        await scanning(world);
        world.scanners.asked.splice(0);
        world.pass(3_600_000);
      },
      ({ signal }, deps) => sweep(deps, signal, RAISED),
      endsAs('clean', 'accepted', 'store'),
      DEMANDED,
    );
  });

  test('while a held upload is freed is finished by the sweep, or has not begun', async () => {
    await killEverywhere(
      async (world) => {
        await scanning(world);
        const { upload } = await world.ledger.move(stateOf(world) as Upload, 'held', { dueAt: 9_000_000 });
        expect(upload?.state).toBe('held');
        world.scanners.asked.splice(0);
      },
      (world, deps) => freeHeld(deps, stateOf(world) as Upload),
      async (world, crash) => {
        const row = stateOf(world) as Upload;
        if (row.state === 'held') await freeHeld(world.world().deps, row);
        await endsAs('clean', 'accepted', 'store')(world, crash);
      },
      DEMANDED,
    );
  });
});

describe('a recall that is killed at any call it makes', () => {
  const rescan = async (world: World, deps: ReturnType<World['world']>['deps']) => {
    const { upload, objects } = world;
    const { etag = '' } = (await objects.facts('store', upload.key)) ?? {};
    const of = { uploadId: upload.id, bucket: STORE, key: upload.key, etag };
    return takeRescan(
      deps,
      { schema: 1, scanner: 'clamav', ...of, outcome: 'infected', threats: ['Eicar'] },
      world.signal,
    );
  };

  test.each(['its repeated message', 'the sweep'])(
    'is finished by %s: the file is in quarantine',
    async (by) => {
      const points = await killEverywhere(
        async (world) => {
          world.objects.put(world.upload.key, HONEST);
          await world.drain();
        },
        rescan,
        async (world, crash) => {
          const before = world.ledger.rows.get(world.upload.id)?.upload.state;
          if (by === 'the sweep' && before === 'recalled') await world.sweepOnce();
          else await rescan(world, world.world().deps);
          const row = world.ledger.rows.get(world.upload.id)?.upload;
          expect([crash, row?.state, placesOf(world)]).toEqual([crash, 'recalled', ['quarantine']]);
          await world.sweepOnce();
          expect(world.ledger.rows.get(world.upload.id)?.upload.dueAt).toBeUndefined();
        },
      );
      expect(points).toBeGreaterThanOrEqual(7);
    },
  );
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
