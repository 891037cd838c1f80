// Every event that is no request, through the function that it is for.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createHandler as createExpireRequests } from '../../../src/handlers/expire-requests.ts';
import { createHandler as createVerifyArrivals } from '../../../src/handlers/verify-arrivals.ts';
import { honestFile } from '../../corpus/bytes.ts';
import { captureLog } from '../../fakes/log-lines.ts';
import { context, createWorld, ID, INCOMING, KEY, NOW, readEvent, variantsOf } from './world.ts';

afterEach(() => void vi.restoreAllMocks());

const PICTURE = honestFile('picture.jpg');
const STRANGERS = 'strangers/café a+b%2F.png'; // decoded once, and not twice
const ELSEWHERE = '6f1d2c3b-4a59-4e68-9b7c-0d1e2f3a4b5c/9d1c3a52-1f4e-4b0d-8a63-2f6f0b7c1e44'; // not there
const UNASKED = 'nobody-asked/for-this.html';

/** The picture that the events tell of has arrived, and two objects that nobody asked for. */
async function setup(bucket = INCOMING) {
  const lines = captureLog();
  const world = { ...(await createWorld({ size: PICTURE.length })), incomingBucket: bucket };
  for (const key of [KEY, STRANGERS, UNASKED]) world.objects.put(key, PICTURE);
  const verify = createVerifyArrivals(world);
  const told = () =>
    lines.flatMap(({ message, key }) => {
      if (message === undefined) return [];
      return [message === 'arrival gone' || message === 'arrival unrequested' ? key : message];
    });
  return {
    world,
    told,
    deliver: (variant: string) => verify(readEvent(`verify-arrivals.${variant}.json`), context),
  };
}

const MESSAGE = '059f36b4-87a3-44ab-83d2-66197000000';
const ACCEPTED = ['upload accepted'];
const REFUSED = ['arrival not verified'];

type Case = {
  /** what is told, in order: a message, or the key of an object that nobody asked for or that is not there */
  readonly told: readonly unknown[];
  /** the bucket that the function knows as its own; another for the events of other engines */
  readonly bucket?: string;
  /** the messages that end in the dead-letter queue */
  readonly buried?: readonly string[];
};

const CASES: Readonly<Record<string, Case>> = {
  'sqs-s3-put': { told: ACCEPTED },
  'sqs-s3-post': { told: ACCEPTED },
  'sqs-s3-copy': { told: ACCEPTED },
  'sqs-s3-complete-multipart': { told: ACCEPTED },
  'sqs-sns-wrapped': { told: ACCEPTED },
  'sqs-sns-raw': { told: ACCEPTED },
  'sqs-eventbridge': { told: ACCEPTED },
  'sqs-minio-put': { told: ACCEPTED, bucket: 'incoming' },
  'sqs-ceph-put': { told: ACCEPTED, bucket: 'incoming' },
  'sqs-versitygw-put': { told: ACCEPTED, bucket: 'incoming' },
  'sqs-r2-put': { told: ACCEPTED, bucket: 'incoming' },
  'sqs-r2-copy': { told: ACCEPTED, bucket: 'incoming' },
  'sqs-r2-complete-multipart': { told: ACCEPTED, bucket: 'incoming' },
  's3-direct': { told: ACCEPTED },
  'eventbridge-direct': { told: ACCEPTED },
  // The second finds nothing to do: the object has moved.
  'sqs-s3-duplicate': { told: [...ACCEPTED, KEY] },
  'sqs-s3-encoded-key': { told: [STRANGERS] },
  'sqs-s3-unrequested': { told: [UNASKED] },
  'sqs-s3-removed': { told: [] },
  'sqs-s3-test-event': { told: [] },
  'sqs-sns-test-event': { told: [] },
  'sqs-eventbridge-deleted': { told: [] },
  'sqs-r2-deleted': { told: [] },
  'poison-among-good': {
    told: [...REFUSED, ...REFUSED, ELSEWHERE, ...ACCEPTED],
    buried: [`${MESSAGE}2`, `${MESSAGE}4`],
  },
  'poison-cut-off': { told: REFUSED, buried: [`${MESSAGE}1`] },
  'poison-event-version': { told: REFUSED, buried: [`${MESSAGE}1`] },
  'poison-not-json': { told: REFUSED, buried: [`${MESSAGE}1`] },
  'poison-sns-confirmation': { told: REFUSED, buried: [`${MESSAGE}1`] },
  'poison-undecodable-key': { told: REFUSED, buried: [`${MESSAGE}1`] },
  'poison-unknown-shape': { told: REFUSED, buried: [`${MESSAGE}1`] },
};

describe('every event of arrivals', () => {
  test('has a case, and no case is without an event', () => {
    expect(Object.keys(CASES).toSorted()).toEqual(variantsOf('verify-arrivals').toSorted());
  });

  test.each(Object.entries(CASES))(
    '%s is worked off, and leaves no message to come again',
    async (variant, known) => {
      const { world, told, deliver } = await setup(known.bucket);
      expect(await deliver(variant)).toEqual({ batchItemFailures: [] });
      expect(told()).toEqual(known.told);
      expect(world.buried).toEqual(known.buried ?? []);
      expect(world.row()?.state).toBe(known.told.includes('upload accepted') ? 'accepted' : 'requested');
      expect(world.objects.places.store.has(KEY)).toBe(world.row()?.state === 'accepted');
      expect(world.objects.places.incoming.has(KEY)).toBe(world.row()?.state !== 'accepted');
    },
  );

  test.each(['sqs-s3-put', 'sqs-eventbridge', 'sqs-sns-wrapped'])(
    'of which the work fails are answered by the id of their message: %s',
    async (variant) => {
      const { world, deliver } = await setup();
      world.ledger.claim = async () => Promise.reject(new Error('down'));
      expect(await deliver(variant)).toEqual({ batchItemFailures: [{ itemIdentifier: `${MESSAGE}1` }] });
      expect(world.buried).toEqual([]);
    },
  );

  test('of another bucket than ours is told of, and left alone', async () => {
    const { world, told, deliver } = await setup('ours');
    expect(await deliver('sqs-s3-put')).toEqual({ batchItemFailures: [] });
    expect(told()).toEqual(['arrival in a bucket that is not ours']);
    expect(world.objects.calls).toEqual([]);
  });

  test.each(['s3-direct', 'eventbridge-direct'])(
    'that nobody can be answered for fail as a whole, so that Lambda repeats them: %s',
    async (variant) => {
      const { world, deliver } = await setup();
      world.ledger.claim = async () => Promise.reject(new Error('down'));
      await expect(deliver(variant)).rejects.toThrow('1 arrivals failed');
    },
  );
});

test('expire-requests.schedule has what is overdue looked after', async () => {
  const lines = captureLog();
  const world = await createWorld({ dueAt: NOW - 1 });
  const answer = await createExpireRequests(world)(readEvent('expire-requests.schedule.json'), context);
  expect(answer).toBeUndefined();
  expect(world.row()).toMatchObject({ id: ID, state: 'expired' });
  expect(lines[0]).toMatchObject({ message: 'sweep done', expired: 1, announced: 0 });
  expect(lines[1]).toMatchObject({ DueBacklog: 1, OldestDueSeconds: 0, UploadsExpired: 1, LostArrivals: 0 });
});

test.each([
  ['shards that the row is not in', { shards: 'cdef' }, 'requested'],
  ['nothing, as when it is invoked by hand', '', 'expired'],
  ['an empty object', {}, 'expired'],
] as const)('expire-requests sweeps what it is asked to: %s', async (_what, event, state) => {
  captureLog();
  const world = await createWorld({ dueAt: NOW - 1 });
  await createExpireRequests(world)(event, context);
  expect(world.row()?.state).toBe(state);
});

test('expire-requests refuses shards that the ledger does not have', async () => {
  captureLog();
  const world = await createWorld();
  await expect(createExpireRequests(world)({ shards: '01x' }, context)).rejects.toThrow('not "01x"');
});

test('expire-requests says what it has done, though the call for one row hangs until its deadline', async () => {
  const lines = captureLog();
  const world = await createWorld({ dueAt: NOW - 1 });
  const objects = { ...world.objects, facts: () => new Promise<never>(() => {}) };
  const soon = { ...context, getRemainingTimeInMillis: () => 5_050 };
  await createExpireRequests({ ...world, objects })({ shards: '0' }, soon);
  expect(lines[0]).toMatchObject({ message: 'sweep done', shards: '0', expired: 0, left: 1 });
  expect(lines[1]).toMatchObject({ DueBacklog: 1 });
});

test('expire-requests counts rows and shards that it could not sweep', async () => {
  const lines = captureLog();
  const world = await createWorld({ dueAt: NOW - 1 });
  const ledger = {
    ...world.ledger,
    due: (shard: string, now: number) => {
      if (shard === '1') throw new Error('throttled');
      return world.ledger.due(shard, now);
    },
  };
  const objects = {
    ...world.objects,
    facts: async () => {
      throw new Error('SlowDown');
    },
  };
  await createExpireRequests({ ...world, ledger, objects })({ shards: '01' }, context);
  expect(lines.map(({ message }) => message)).toEqual(
    expect.arrayContaining(['shard not swept', 'row not swept', 'sweep done']),
  );
  expect(JSON.stringify(lines.at(-1)?.SweepFailures)).toMatch(/\[1,1\]/);
});

test('expire-requests announces nothing where the queue is full, and counts the arrival as lost all the same', async () => {
  const lines = captureLog();
  const world = { ...(await createWorld({ dueAt: NOW - 1 })), countArrivals: async () => 1_000_000 };
  world.objects.put(KEY, PICTURE);
  await createExpireRequests(world)({ shards: '0' }, context);
  expect(world.announced).toEqual([]);
  expect(lines[0]).toMatchObject({ message: 'sweep done', announced: 0, deferred: 1 });
  expect(lines[1]).toMatchObject({ LostArrivals: 1 });
});
