// What an upload costs in the ledger. The local DynamoDB counts as AWS's price page does: one unit for each
// started kilobyte that is written to the table or to an index, two where the key of an index changes, none
// where nothing of what an index holds does.
import { randomUUID } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Upload } from '@sluice/contract/upload';
import { expect, inject, test } from 'vitest';
import { createLedger } from '../../src/lib/aws/ledger.ts';
import { toUser } from '../../src/lib/upload/access.ts';
import type { Intent } from '../../src/lib/upload/intent.ts';
import { completeUpload } from '../../src/lib/upload/multipart.ts';
import { requestUpload } from '../../src/lib/upload/request.ts';
import { verify } from '../../src/lib/upload/verify.ts';
import { policies } from '../../src/policies.ts';
import { createMemoryMultipart } from '../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../fakes/memory-objects.ts';
import { rootOf } from './root.ts';

const CSV = 'a,b\n1,2\n';
const MINUTE = 60_000;
const GRACE_SECONDS = 3_600;

function setup() {
  const dynamo = new DynamoDBClient(rootOf(inject('aws')));
  let units = 0;
  dynamo.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if (!['PutItemCommand', 'UpdateItemCommand'].includes(commandName)) return next(args);
        (args.input as UpdateItemCommandInput).ReturnConsumedCapacity = 'INDEXES';
        try {
          const result = await next(args);
          const { ConsumedCapacity } = result.output as { ConsumedCapacity?: { CapacityUnits?: number } };
          units += ConsumedCapacity?.CapacityUnits ?? 0;
          return result;
        } catch (error) {
          // A write whose condition fails changes nothing, and costs what the row's size asks for.
          if (error instanceof ConditionalCheckFailedException) units += 1;
          throw error;
        }
      },
    { step: 'initialize' },
  );
  let now = 1_000_000_000_000;
  const objects = createMemoryObjects({ now: () => now });
  const deps = {
    ledger: createLedger(dynamo, inject('aws').table, inject('aws').grantsTable),
    objects,
    multipart: createMemoryMultipart(objects),
    policies,
    now: () => now,
    newId: randomUUID,
    rowRetentionInSeconds: 60,
    expiryGraceInSeconds: GRACE_SECONDS,
    announce: async () => undefined,
  };
  const sign = async (_request: unknown, seconds: number, at: Date) => ({
    signature: { post: { url: '', fields: {} } },
    expiresAt: new Date(at.getTime() + seconds * 1000),
  });
  const owner = { kind: 'user' as const, tenant: `t-${randomUUID()}`, subject: randomUUID() };
  const signal = new AbortController().signal;
  return {
    pass: (ms: number) => {
      now += ms;
    },
    request: (intent: Partial<Intent> = {}) =>
      requestUpload(
        { ...deps, sign, multipart: async () => deps.multipart },
        owner,
        {
          filename: 'rows.csv',
          contentType: 'text/csv',
          size: CSV.length,
          metadata: {},
          ...intent,
        },
        { correlationId: randomUUID() },
      ),
    put: (key: string) => objects.put(key, CSV),
    sendParts: async ({ id, multipart }: Upload) => {
      deps.multipart.put(multipart?.uploadId ?? '', 1, CSV);
      await completeUpload(deps, toUser(owner), id, undefined);
    },
    arrive: (key: string) => verify(deps, { key }, 20_000, signal),
    /** The units since this was asked before, of the writes; reads have none here. */
    spent: () => {
      const spent = units;
      units = 0;
      return spent;
    },
  };
}

// Some eight hundred bytes when it is requested, and a little more once it is settled.
const LARGE = { metadata: { note: 'x'.repeat(200) } };

test.each([
  ['at once', {}, 0, 7],
  ['and its row has almost a kilobyte', LARGE, 0, 7],
  ['in the last minute of its URL', {}, 59 * MINUTE, 7],
  ['and it has a reference', { reference: 'order 1' }, MINUTE, 8],
  ['in the last minute before it would expire', {}, 119 * MINUTE, 10],
])(
  'a file that arrives %s costs its units, all indexes counted, until it is accepted',
  async (_how, intent, after, units) => {
    const { request, put, arrive, pass, spent } = setup();
    const { upload } = await request(intent);
    put(upload.key);
    pass(after);
    expect((await arrive(upload.key)).kind).toBe('accepted');
    expect(spent()).toBe(units);
  },
);

test('a file in parts costs four more: its beginning and its completion are written', async () => {
  const { request, sendParts, arrive, spent } = setup();
  const { upload } = await request({ transport: 'multipart' });
  await sendParts(upload);
  expect((await arrive(upload.key)).kind).toBe('accepted');
  expect(spent()).toBe(11);
});

test.each(Object.entries(policies))(
  'a file of the policy "%s" that arrives at once needs no other due time while it is verified',
  async (policy, { types: [contentType = ''] }) => {
    const { request, put, arrive, spent } = setup();
    const { upload } = await request({ policy, contentType, filename: 'file' });
    put(upload.key);
    await arrive(upload.key);
    expect(spent()).toBe(7);
  },
);
