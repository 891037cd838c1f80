import { Refusal } from '@sluice/contract/refusals';
import { isSettled } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toUser } from '../../../src/lib/upload/access.ts';
import { abortUpload, deleteUpload } from '../../../src/lib/upload/delete.ts';
import type { Intent } from '../../../src/lib/upload/intent.ts';
import { requestUpload, type Signer } from '../../../src/lib/upload/request.ts';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { verify } from '../../../src/lib/upload/verify.ts';
import { policies } from '../../../src/policies.ts';
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
const UPLOADS = 4;
const BYTES = 40;
const LEASE_MS = 1_000;

type Request = {
  readonly key: number | undefined;
  readonly size: number | undefined;
  readonly inParts: boolean;
};

/** What may happen to the uploads of one grant. */
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
  | { readonly do: 'revoke' };

const crash = fc.option(
  fc.record({
    call: fc.integer({ min: 1, max: 8 }),
    when: fc.constantFrom<Crash['when']>('before', 'after'),
  }),
  { nil: undefined },
);
const nth = fc.nat({ max: 9 });
const request: fc.Arbitrary<Request> = fc.record({
  key: fc.option(fc.nat({ max: 2 }), { nil: undefined }),
  size: fc.constantFrom(HONEST.length, LONGER.length, BYTES, BYTES + 1, undefined),
  inParts: fc.boolean(),
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
    weight: 2,
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
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revoke' as const) }) },
);

async function setup() {
  const grants = createMemoryGrants();
  const grant = aGrant({ uploads: UPLOADS, bytes: BYTES, policy: 'data', expiresAt: 40_000_000 });
  await grants.record(grant);
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
  const worldOf = (crash?: Crash) => ({
    ...crashing({ ledger, objects, multipart }, crash).ports,
    policies,
    now: () => now,
    newId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
    countArrivals: async () => 0,
    rowRetentionInSeconds: 60,
    announce: async ({ key }: Upload) => void queue.push({ key }),
  });
  const uploads = () => [...ledger.rows.values()].map(({ upload }) => upload);
  const nthOf = <Item>(items: readonly Item[], index: number): Item | undefined =>
    items[index % Math.max(1, items.length)];

  /** Whatever happens, the grant has taken exactly what the rows say, and never more than it is for. */
  const look = () => {
    const kept = uploads().filter(
      ({ state, reserved, evidence }) =>
        reserved !== undefined || state === 'accepted' || (state === 'deleted' && evidence !== undefined),
    );
    const bytes = kept.reduce((sum, { reserved, evidence }) => sum + (reserved ?? evidence?.size ?? 0), 0);
    const { takenUploads, takenBytes } = grants.rows.get(grant.id) ?? {};
    expect([takenUploads, takenBytes], 'taken is what the uploads have').toEqual([kept.length, bytes]);
    expect(takenUploads, 'no more uploads than the grant is for').toBeLessThanOrEqual(UPLOADS);
    expect(takenBytes, 'no more bytes than the grant is for').toBeLessThanOrEqual(BYTES);
  };

  const harmless = (error: unknown) => {
    if (!(error instanceof Refusal) && (error as Error).name !== 'Killed') throw error;
  };
  const requestOne = async (world: ReturnType<typeof worldOf>, { key, size, inParts }: Request) => {
    const seen = await grants.read(grant.id);
    if (seen === undefined) throw new Error('the grant is there');
    const intent: Intent = {
      filename: 'a.csv',
      contentType: 'text/csv',
      metadata: {},
      transport: inParts ? 'multipart' : 'post',
      ...(size !== undefined && { size }),
    };
    await requestUpload(
      { ...world, sign, multipart: async () => world.multipart, expiryGraceInSeconds: 60 },
      grant,
      intent,
      { correlationId: `r${++ids}`, grant: seen, ...(key !== undefined && { idempotencyKey: `k${key}` }) },
    ).catch(harmless);
  };

  const take = async (step: Step): Promise<void> => {
    switch (step.do) {
      case 'request': {
        const world = worldOf(step.crash);
        // At once: all of them have seen the grant as it was before any of them.
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
      case 'revoke':
        await grants.revoke(grant.id, now);
    }
  };
  /** Every fault is over: the queue is drained, and sweeps run until nothing is due. */
  const settle = async () => {
    for (let times = 0; times < 3; times += 1) {
      while (queue[0] !== undefined) {
        now += 360_000;
        await take({ do: 'deliver', message: 0 });
        look();
      }
      now += 30 * 86_400_000;
      await take({ do: 'sweep' });
      look();
    }
  };
  return { take, look, settle, uploads, nowOf: () => grants.rows.get(grant.id) };
}

test('whatever is requested at once, repeated, killed, aborted, rejected, expired or revoked, a grant has taken what its uploads have, and gets the rest back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const world = await setup();
      for (const step of steps) {
        await world.take(step);
        world.look();
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
      const stored = world.uploads().filter(({ evidence, state }) => evidence && state !== 'rejected');
      expect(world.nowOf()).toMatchObject({
        takenUploads: stored.length,
        takenBytes: stored.reduce((sum, { evidence }) => sum + (evidence?.size ?? 0), 0),
      });
    }),
    { numRuns: histories(2_000) },
  );
});
