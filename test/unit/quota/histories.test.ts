import type { Counter } from '@sluice/contract/quota';
import { Refusal } from '@sluice/contract/refusals';
import { isSettled } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toCounterId } from '../../../src/lib/quota/count.ts';
import { createOwnerLimits } from '../../../src/lib/quota/owner-limits.ts';
import { recount } from '../../../src/lib/quota/recount.ts';
import type { QuotaSettings } from '../../../src/lib/quota/rules.ts';
import { toUser } from '../../../src/lib/upload/access.ts';
import { abortUpload, deleteUpload } from '../../../src/lib/upload/delete.ts';
import type { Intent } from '../../../src/lib/upload/intent.ts';
import type { Policies } from '../../../src/lib/upload/policy.ts';
import { requestUpload, type Signer } from '../../../src/lib/upload/request.ts';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { verify } from '../../../src/lib/upload/verify.ts';
import { policies as shipped } from '../../../src/policies.ts';
import { aGrant } from '../../contract/grants.contract.ts';
import { type Crash, crashing } from '../../fakes/crashing.ts';
import { histories } from '../../fakes/histories.ts';
import { createMemoryGrants } from '../../fakes/memory-grants.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';
import { UNHEARD } from '../../fakes/sweep-report.ts';

const HONEST = 'a,b\n1,2\n';
const LONGER = 'a,b\n1,2\n3,4\n';
const DISHONEST = '<html>..';
const LEASE_MS = 1_000;

// Small enough that histories meet every limit. Without a size, a file may have all that the policy takes.
const SETTINGS: QuotaSettings = {
  counted: [],
  owner: { files: 4, bytes: 60 },
  tenant: { files: 6, bytes: 90 },
  unfinished: 3,
};
const policies: Policies = {
  data: { ...shipped.data, maxBytes: 40, quota: { owner: { bytes: 50 }, tenant: { files: 5 } } } as never,
};
const OWNERS = [
  { tenant: 'acme', subject: 'ada' },
  { tenant: 'acme', subject: 'bob' },
];
const LIMITS: readonly { counter: Counter; files?: number; bytes?: number }[] = [
  { counter: 'owner', ...SETTINGS.owner },
  { counter: 'tenant', ...SETTINGS.tenant },
  { counter: 'owner-policy', bytes: 50 },
  { counter: 'tenant-policy', files: 5 },
  { counter: 'unfinished', files: 3 },
];

type Request = {
  readonly owner: number;
  readonly key: number | undefined;
  readonly size: number | undefined;
  readonly inParts: boolean;
  readonly isGranted: boolean;
};

/** What may happen to the uploads of two owners of one tenant. */
type Step =
  | { readonly do: 'request'; readonly requests: readonly Request[]; readonly crash?: Crash | undefined }
  | { readonly do: 'put'; readonly upload: number; readonly bytes: string }
  | { readonly do: 'deliver' | 'repeat'; readonly message: number; readonly crash?: Crash | undefined }
  | {
      readonly do: 'end';
      readonly upload: number;
      readonly how: 'abort' | 'delete';
      readonly crash?: Crash | undefined;
    }
  | { readonly do: 'sweep'; readonly crash?: Crash | undefined }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'recount'; readonly counter: number };

const crash = fc.option(
  fc.record({
    call: fc.integer({ min: 1, max: 8 }),
    when: fc.constantFrom<Crash['when']>('before', 'after'),
  }),
  { nil: undefined },
);
const nth = fc.nat({ max: 9 });
const request: fc.Arbitrary<Request> = fc.record({
  owner: fc.nat({ max: 1 }),
  key: fc.option(fc.nat({ max: 2 }), { nil: undefined }),
  size: fc.constantFrom(0, HONEST.length, LONGER.length, 40, undefined),
  inParts: fc.boolean(),
  isGranted: fc.boolean(),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('request' as const),
      requests: fc.array(request, { minLength: 1, maxLength: 6 }),
      crash,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      upload: nth,
      bytes: fc.constantFrom(HONEST, LONGER, DISHONEST),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('deliver' as const, 'repeat' as const), message: nth, crash }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      upload: nth,
      how: fc.constantFrom('abort' as const, 'delete' as const),
      crash,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sweep' as const), crash }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 7_200_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('recount' as const), counter: nth }) },
);

async function setup() {
  const grants = createMemoryGrants();
  const granted = OWNERS.map((owner) => aGrant({ ...owner, uploads: 5, expiresAt: 40_000_000 }));
  for (const grant of granted) await grants.record(grant);
  const ledger = createMemoryLedger(grants);
  const objects = createMemoryObjects();
  const multipart = createMemoryMultipart(objects);
  const queue: { readonly key: string }[] = [];
  const signal = new AbortController().signal;
  let now = 1_000_000;
  let ids = 0;
  const sign: Signer = async (_request, seconds, signedAt) => ({
    signature: { put: { url: 'https://s3', method: 'PUT', headers: {} } },
    expiresAt: new Date(signedAt.getTime() + seconds * 1000),
  });
  const worldOf = (crash?: Crash) => {
    const { counters, ...ports } = crashing(
      { ledger, objects, multipart, counters: grants.counters },
      crash,
    ).ports;
    return {
      ...ports,
      limits: createOwnerLimits(SETTINGS, counters, async () => {}),
      policies,
      now: () => now,
      newId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
      countArrivals: async () => 0,
      rowRetentionInSeconds: 60,
      announce: async ({ key }: Upload) => void queue.push({ key }),
    };
  };
  const uploads = () => [...ledger.rows.values()].map(({ upload }) => upload);
  const nthOf = <Item>(items: readonly Item[], index: number): Item | undefined =>
    items[index % Math.max(1, items.length)];
  const idsOf = () =>
    OWNERS.flatMap((owner) =>
      LIMITS.map(({ counter, ...limits }) => ({
        id: toCounterId(counter, { ...owner, policy: 'data' }),
        limits,
      })),
    );

  /** Whatever happens, no counter holds more than its limit, and each holds what the rows say. */
  const look = async () => {
    for (const { id, limits } of idsOf()) {
      const { files = 0, bytes = 0 } = grants.tallies.get(id) ?? {};
      expect(files, `files in ${id}`).toBeLessThanOrEqual(limits.files ?? Infinity);
      expect(bytes, `bytes in ${id}`).toBeLessThanOrEqual(limits.bytes ?? Infinity);
      expect((await countAgain(id)).outcome, `${id} is what the rows say`).toBe('right');
    }
  };
  const countAgain = (id: string) =>
    recount(
      {
        counters: grants.counters,
        async *uploadsOf({ tenant, subject }) {
          yield uploads().filter(
            (upload) => upload.tenant === tenant && (subject === undefined || upload.subject === subject),
          );
        },
        settle: async () => {},
      },
      id,
      { repair: true },
    );

  const harmless = (error: unknown) => {
    if (!(error instanceof Refusal) && (error as Error).name !== 'Killed') throw error;
  };
  const requestOne = async (world: ReturnType<typeof worldOf>, asked: Request) => {
    const { key, size, inParts, isGranted } = asked;
    const owner = OWNERS[asked.owner] ?? { tenant: '', subject: '' };
    const grant = isGranted ? await grants.read(granted[asked.owner]?.id ?? '') : undefined;
    const intent: Intent = {
      filename: 'a.csv',
      contentType: 'text/csv',
      metadata: {},
      transport: inParts ? 'multipart' : 'post',
      ...(size !== undefined && { size }),
    };
    await requestUpload(
      { ...world, sign, multipart: async () => world.multipart, expiryGraceInSeconds: 60 },
      owner,
      intent,
      {
        correlationId: `r${++ids}`,
        ...(grant && { grant }),
        ...(key !== undefined && { idempotencyKey: `k${key}` }),
      },
    ).catch(harmless);
  };

  const take = async (step: Step): Promise<void> => {
    switch (step.do) {
      case 'request': {
        const world = worldOf(step.crash);
        // At once: all of them have seen the counters as they were before any of them.
        await Promise.all(step.requests.map((one) => requestOne(world, one)));
        return;
      }
      case 'put': {
        const row = nthOf(uploads(), step.upload);
        if (row === undefined || objects.places.incoming.has(row.key)) return;
        objects.put(row.key, step.bytes);
        queue.push({ key: row.key });
        return;
      }
      case 'deliver':
      case 'repeat': {
        const arrived = nthOf(queue, step.message);
        if (arrived === undefined) return;
        try {
          await verify(worldOf(step.crash), arrived, LEASE_MS, signal);
          if (step.do === 'deliver') queue.splice(step.message % queue.length, 1);
        } catch {
          // not acknowledged: it comes again
        }
        return;
      }
      case 'end': {
        const row = nthOf(uploads(), step.upload);
        if (row === undefined) return;
        const end = step.how === 'abort' ? abortUpload : deleteUpload;
        await end(worldOf(step.crash), toUser(row), row.id).catch(harmless);
        return;
      }
      case 'sweep':
        await sweep(worldOf(step.crash), signal, UNHEARD).catch(() => undefined);
        return;
      case 'pass':
        now += step.ms;
        return;
      case 'recount':
        await countAgain(nthOf(idsOf(), step.counter)?.id ?? '');
    }
  };
  /** Every fault is over: the queue is drained, and sweeps run until nothing is due. */
  const settle = async () => {
    for (let times = 0; times < 3; times += 1) {
      while (queue[0] !== undefined) {
        now += 360_000;
        await take({ do: 'deliver', message: 0 });
        await look();
      }
      now += 30 * 86_400_000;
      await take({ do: 'sweep' });
      await look();
    }
  };
  /** What is left in the counters once every file is deleted. */
  const deleteAll = async () => {
    for (const { id, state, ...row } of uploads()) {
      if (state === 'accepted') await deleteUpload(worldOf(), toUser(row), id);
    }
    return [...grants.tallies.values()].map(({ files, bytes }) => [files, bytes]);
  };
  return { take, look, settle, uploads, deleteAll };
}

test('whatever is requested at once, repeated, killed, aborted, rejected, expired or deleted, no quota is exceeded and none leaks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const world = await setup();
      for (const step of steps) {
        await world.take(step);
        await world.look();
      }
      await world.settle();
      expect(
        world.uploads().every(({ state }) => isSettled(state)),
        'all are settled',
      ).toBe(true);
      expect(
        world.uploads().some(({ reserved }) => reserved !== undefined),
        'nothing is set aside',
      ).toBe(false);
      for (const left of await world.deleteAll()) expect(left).toEqual([0, 0]);
    }),
    { numRuns: histories(1_500) },
  );
});
