import type { Upload } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { policies } from '../../../src/policies.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';

const NOTHING = {
  expired: 0,
  excessive: 0,
  open: 0,
  announced: 0,
  deferred: 0,
  asked: 0,
  held: 0,
  removed: 0,
  restored: 0,
  recalling: 0,
  kept: 0,
  missing: 0,
  overtaken: 0,
  unreadable: 0,
  failed: 0,
  left: 0,
  shardsLeft: 0,
};

const HOUR = 3_600_000;

async function setup(...uploads: Upload[]) {
  let now = 10_000;
  const ledger = createMemoryLedger();
  const objects = createMemoryObjects();
  for (const upload of uploads) await ledger.record(upload);
  const announced: string[] = [];
  const failures: string[] = [];
  const deps = {
    ledger,
    objects,
    multipart: createMemoryMultipart(objects),
    policies,
    now: () => now,
    newId: () => 'sweeper',
    countArrivals: async () => 0,
    rowRetentionInSeconds: 60,
    announce: async ({ id }: Upload) => {
      announced.push(id);
    },
  };
  const unreadable: string[] = [];
  const missing: string[] = [];
  const run = (signal = new AbortController().signal) =>
    sweep(deps, signal, {
      onFailure: ({ id }) => failures.push(id),
      onUnreadable: ({ id }) => unreadable.push(id),
      onMissing: ({ id }) => missing.push(id),
      onShardFailure: (_shard, error) => {
        throw error;
      },
    });
  return {
    deps,
    ledger,
    objects,
    announced,
    failures,
    unreadable,
    missing,
    run,
    pass: (ms: number) => {
      now += ms;
    },
    state: (id: string) => ledger.rows.get(id)?.upload.state,
  };
}

test('expires a request whose time is up and whose object never came', async () => {
  const upload = aRequest({ dueAt: 9_999 });
  const { run, state, ledger } = await setup(upload);
  expect(await run()).toEqual({ ...NOTHING, expired: 1 });
  expect(state(upload.id)).toBe('expired');
  expect(ledger.rows.get(upload.id)?.upload.detail).toBe(
    'Nothing had arrived by 1970-01-01T00:00:10.000Z. What arrives later is removed unread: request the upload again.',
  );
});

test('leaves a request alone whose time is not up', async () => {
  const upload = aRequest({ dueAt: 10_001 });
  const { run, state } = await setup(upload);
  await run();
  expect(state(upload.id)).toBe('requested');
});

test.each(['requested', 'verifying'] as const)(
  'announces the arrival of a %s upload again when its object is there, once a quarter of an hour',
  async (state) => {
    const upload = aRequest({ state, dueAt: 9_000 });
    const world = await setup(upload);
    world.objects.put(upload.key, 'abc');
    expect((await world.run()).announced).toBe(1);
    expect((await world.run()).announced).toBe(0);
    expect(world.announced).toEqual([upload.id]);
    expect(world.state(upload.id)).toBe(state);
  },
);

test('expires an upload whose object vanished while it was verified', async () => {
  const upload = aRequest({ state: 'verifying', epoch: 1, dueAt: 9_000 });
  const { run, state } = await setup(upload);
  await run();
  expect(state(upload.id)).toBe('expired');
});

test('finishes the removal of a deleted upload', async () => {
  const upload = aRequest({ state: 'deleted', dueAt: 9_000 });
  const world = await setup(upload);
  world.objects.places.store.set(upload.key, { bytes: Buffer.from('abc') });
  expect((await world.run()).removed).toBe(1);
  expect(world.objects.places.store.size).toBe(0);
});

test('goes on with the others when one row fails, and reports that one', async () => {
  const bad = aRequest({ dueAt: 9_000 });
  const good = aRequest({ dueAt: 9_000 });
  const world = await setup(bad, good);
  const { facts } = world.objects;
  world.objects.facts = async (place, key) => {
    if (key === bad.key) throw new Error('SlowDown');
    return facts(place, key);
  };
  await world.run();
  expect(world.failures).toEqual([bad.id]);
  expect(world.state(good.id)).toBe('expired');
  expect(world.state(bad.id)).toBe('requested');
});

test('begins nothing once its time is over', async () => {
  const upload = aRequest({ dueAt: 9_000 });
  const { run, state } = await setup(upload);
  await run(AbortSignal.abort());
  expect(state(upload.id)).toBe('requested');
});

function copyOf(id: string, metadata: Record<string, string> = {}, modifiedAt = 0) {
  return {
    bytes: Buffer.from('abc'),
    modifiedAt,
    headers: {
      contentType: 'image/jpeg',
      contentDisposition: '',
      metadata: { 'upload-id': id, ...metadata },
    },
  };
}

test.each(['requested', 'verifying'] as const)(
  'brings a %s row to the verdict that the store holds, instead of expiring it',
  async (state) => {
    const upload = aRequest({ state, dueAt: 9_000, multipart: { uploadId: 'u' }, transport: 'multipart' });
    const world = await setup(upload);
    world.objects.places.store.set(upload.key, copyOf(upload.id));
    expect(await world.run()).toEqual({ ...NOTHING, restored: 1 });
    expect(world.ledger.rows.get(upload.id)?.upload).toMatchObject({
      state: 'accepted',
      servedType: 'image/jpeg',
      evidence: { size: 3 },
    });
    expect(world.objects.places.store.has(upload.key)).toBe(true);
    // Whoever made the copy may have made another: an hour later the sweep looks for it.
    expect(await world.run()).toEqual(NOTHING);
    world.pass(HOUR);
    expect(await world.run()).toEqual({ ...NOTHING, kept: 1 });
    expect(await world.run()).toEqual(NOTHING);
  },
);

test('brings a row to the rejection that quarantine holds', async () => {
  const upload = aRequest({ dueAt: 9_000 });
  const world = await setup(upload);
  world.objects.places.quarantine.set(upload.key, copyOf(upload.id, { reason: 'type_mismatch' }));
  expect(await world.run()).toEqual({ ...NOTHING, restored: 1 });
  expect(world.ledger.rows.get(upload.id)?.upload).toMatchObject({
    state: 'rejected',
    reason: 'type_mismatch',
  });
});

test('expires a row whose key holds in the store what is not its own, and leaves that where it is', async () => {
  const upload = aRequest({ dueAt: 9_000 });
  const world = await setup(upload);
  world.objects.places.store.set(upload.key, copyOf('another'));
  expect(await world.run()).toEqual({ ...NOTHING, expired: 1 });
  expect(world.objects.places.store.has(upload.key)).toBe(true);
});

test('takes an accepted row that is due without a reason off the index, and leaves its file alone', async () => {
  const upload = aRequest({ state: 'accepted', dueAt: 9_000 });
  const world = await setup(upload);
  world.objects.places.store.set(upload.key, copyOf(upload.id));
  expect(await world.run()).toEqual({ ...NOTHING, kept: 1 });
  expect(world.objects.places.store.has(upload.key)).toBe(true);
  expect(await world.run()).toEqual(NOTHING);
});

test('reports an accepted row whose file is missing, every time', async () => {
  const upload = aRequest({ state: 'accepted', dueAt: 9_000 });
  const world = await setup(upload);
  for (let times = 0; times < 2; times += 1) {
    expect(await world.run()).toEqual({ ...NOTHING, missing: 1 });
    world.pass(5 * 60_000);
  }
  expect(world.missing).toEqual([upload.id, upload.id]);
});

describe('a copy where the verdict does not say', () => {
  const SETTLED = 40 * HOUR;
  const settled = async (state: 'accepted' | 'rejected' | 'expired' | 'deleted', epoch = 2) => {
    const upload = aRequest({ state, epoch, settledAt: SETTLED, dueAt: SETTLED + HOUR });
    const world = await setup(upload);
    world.pass(SETTLED + HOUR);
    const put = (place: 'store' | 'quarantine', modifiedAt: number, id = upload.id) =>
      world.objects.places[place].set(upload.key, copyOf(id, {}, modifiedAt));
    const places = () =>
      (['store', 'quarantine'] as const).filter((place) => world.objects.places[place].has(upload.key));
    return { ...world, upload, put, places, dueAt: () => world.ledger.rows.get(upload.id)?.upload.dueAt };
  };

  test('in quarantine is removed once the accepted one was seen in the store, however old it is', async () => {
    const { run, put, places, dueAt } = await settled('accepted');
    put('store', SETTLED);
    put('quarantine', 1_000);
    expect(await run()).toEqual({ ...NOTHING, removed: 1 });
    expect(places()).toEqual(['store']);
    expect(dueAt()).toBeUndefined();
  });

  test('in quarantine stays where the accepted one is missing: it may be all there is', async () => {
    const { run, put, places } = await settled('accepted');
    put('quarantine', SETTLED);
    expect(await run()).toEqual({ ...NOTHING, missing: 1 });
    expect(places()).toEqual(['quarantine']);
  });

  test('in the store is removed when it came after the rejection, once that was seen in quarantine', async () => {
    const { run, put, places, dueAt } = await settled('rejected');
    put('store', SETTLED + 5_000);
    put('quarantine', SETTLED);
    expect(await run()).toEqual({ ...NOTHING, removed: 1 });
    expect(places()).toEqual(['quarantine']);
    expect(dueAt()).toBeUndefined();
  });

  test.each(['store', 'quarantine'] as const)(
    'in %s is removed when it came after the upload had expired',
    async (place) => {
      const { run, put, places, dueAt } = await settled('expired', 1);
      put(place, SETTLED + 5_000);
      expect(await run()).toEqual({ ...NOTHING, removed: 1 });
      expect(places()).toEqual([]);
      expect(dueAt()).toBeUndefined();
    },
  );

  test('in quarantine goes with a deleted upload', async () => {
    const { run, put, places, dueAt } = await settled('deleted');
    put('quarantine', 1_000);
    expect(await run()).toEqual({ ...NOTHING, removed: 1 });
    expect(places()).toEqual([]);
    expect(dueAt()).toBeUndefined();
  });

  // The store was looked at before the verdict: what was there already would have been taken over. So the row
  // is wrong.
  test.each(['rejected', 'expired'] as const)(
    'in the store that is older than the look before the upload was %s stays, and is reported every time',
    async (state) => {
      const { run, put, pass, places, failures, upload } = await settled(state);
      put('store', SETTLED - HOUR);
      if (state === 'rejected') put('quarantine', SETTLED);
      await run();
      pass(5 * 60_000);
      await run();
      expect(places()).toContain('store');
      expect(failures).toEqual([upload.id, upload.id]);
    },
  );

  test('in the store stays where the rejected one is not in quarantine, and is reported', async () => {
    const { run, put, places, failures } = await settled('rejected');
    put('store', SETTLED + 5_000);
    await run();
    expect(places()).toEqual(['store']);
    expect(failures).toHaveLength(1);
  });

  test('of whose time S3 says nothing stays, and is reported', async () => {
    const { run, put, places, failures } = await settled('rejected');
    put('store', Number.POSITIVE_INFINITY);
    put('quarantine', SETTLED);
    await run();
    expect(places()).toEqual(['store', 'quarantine']);
    expect(failures).toHaveLength(1);
  });

  test('that names another upload stays', async () => {
    const { run, put, places, dueAt } = await settled('rejected');
    put('store', SETTLED + 5_000, 'another');
    put('quarantine', SETTLED);
    expect(await run()).toEqual({ ...NOTHING, kept: 1 });
    expect(places()).toEqual(['store', 'quarantine']);
    expect(dueAt()).toBeUndefined();
  });

  test('is looked for again when the sweep came before the last one could have landed', async () => {
    const { run, ledger, upload, dueAt } = await settled('deleted');
    ledger.rows.set(upload.id, { upload: { ...upload, settledAt: SETTLED + HOUR, dueAt: SETTLED + HOUR } });
    await run();
    expect(dueAt()).toBe(SETTLED + 2 * HOUR);
  });
});

test('reports a row that cannot be read, and looks after the others', async () => {
  const strange = aRequest({ dueAt: 9_000 });
  const good = aRequest({ dueAt: 9_000 });
  const world = await setup(strange, good);
  const { createdAt: _none, ...rest } = strange;
  world.ledger.rows.set(strange.id, { upload: rest as Upload });
  expect(await world.run()).toEqual({ ...NOTHING, unreadable: 1, expired: 1 });
  expect(world.unreadable).toEqual([strange.id]);
  expect(world.failures).toEqual([]);
});

describe('an upload in parts of no declared size', () => {
  const inParts = async (maxBytes: number) => {
    const { size: _unknown, ...request } = aRequest({ transport: 'multipart', dueAt: 9_000, maxBytes });
    const world = await setup();
    const uploadId = await world.deps.multipart.create(request);
    const upload = { ...request, expiresAt: 4 * 24 * HOUR, multipart: { uploadId } };
    await world.ledger.record(upload);
    world.deps.multipart.put(uploadId, 1, 'ten bytes.');
    return { ...world, upload };
  };

  test('is let go on while it is within its limit, and looked at again in an hour', async () => {
    const { run, ledger, upload } = await inParts(10);
    expect(await run()).toEqual({ ...NOTHING, open: 1 });
    expect(ledger.rows.get(upload.id)?.upload).toMatchObject({ state: 'requested', dueAt: 10_000 + HOUR });
  });

  test('is ended and freed when it has become more than may be sent, and its row says so', async () => {
    const { run, ledger, upload, deps } = await inParts(9);
    expect(await run()).toEqual({ ...NOTHING, excessive: 1 });
    expect(deps.multipart.open.size).toBe(0);
    expect(ledger.rows.get(upload.id)?.upload).toMatchObject({
      state: 'aborted',
      detail: expect.stringContaining('the upload may have 9'),
    });
    expect(await run()).toEqual({ ...NOTHING, removed: 1 });
    expect(await run()).toEqual(NOTHING);
  });

  test('whose time is over expires, however little it is', async () => {
    const { run, ledger, upload, deps } = await inParts(10);
    ledger.rows.set(upload.id, { upload: { ...upload, expiresAt: 10_000 } });
    expect(await run()).toEqual({ ...NOTHING, expired: 1 });
    expect(deps.multipart.open.size).toBe(0);
  });

  test('that S3 does not know any more expires', async () => {
    const { run, deps } = await inParts(10);
    deps.multipart.open.clear();
    expect(await run()).toEqual({ ...NOTHING, expired: 1 });
  });
});

test.each([
  ['whose size was declared, at its deadline', { size: 3, partSize: 3, partCount: 1 }],
  ['whose size was not declared, at its hourly look', undefined],
])(
  'announces an upload in parts %s, when the client completes it in the middle of the look',
  async (_case, plan) => {
    const upload = aRequest({
      transport: 'multipart',
      dueAt: 9_000,
      expiresAt: plan ? 9_000 : 99_000,
      multipart: { uploadId: 'u', ...(plan && { plan }) },
    });
    const world = await setup(upload);
    const { facts } = world.objects;
    let looks = 0;
    // S3 makes the object right after the sweep has seen that there is none.
    world.objects.facts = async (place, key) => {
      const found = await facts(place, key);
      if (place === 'incoming' && ++looks === 1) world.objects.put(key, 'abc');
      return found;
    };
    expect(await world.run()).toEqual({ ...NOTHING, announced: 1 });
    expect(world.announced).toEqual([upload.id]);
    expect(world.state(upload.id)).toBe('requested');
    expect(world.objects.places.incoming.has(upload.key)).toBe(true);
  },
);
