import { createHash, randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  GetObjectCommand,
  NoSuchKey,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { createDynamoDBClient } from '@sluice/connection/clients/dynamodb';
import { createS3Client } from '@sluice/connection/clients/s3';
import { createSQSClient } from '@sluice/connection/clients/sqs';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import type { Upload } from '@sluice/contract/upload';
import { createAnnounce } from '../../../src/lib/aws/announce.ts';
import { createLedger } from '../../../src/lib/aws/ledger.ts';
import { INDEXES } from '../../../src/lib/aws/ledger-indexes.ts';
import { createMultipart } from '../../../src/lib/aws/multipart.ts';
import { createObjects } from '../../../src/lib/aws/objects.ts';
import type { Place } from '../../../src/lib/upload/ports.ts';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { verify } from '../../../src/lib/upload/verify.ts';
import { policies } from '../../../src/policies.ts';
import { RAISED } from '../../fakes/sweep-report.ts';
import { aRequest } from '../ledger.contract.ts';
import { type Plan, tamperWith } from './tampering.ts';

const LEASE_MS = 1_000;
const VISIBILITY_MS = 6_000;
const RECEIVES_AT_MOST = 5;

type Clients = { readonly s3: S3Client; readonly dynamo: DynamoDBClient; readonly sqs: SQSClient };

/** Buckets, a table and a queue of the tests' own: nobody listens to them, and nobody else writes there. */
export type Engine = {
  readonly connect: () => Clients;
  readonly buckets: Readonly<Record<Place, string>>;
  readonly queueUrl: string;
  /** the table of all uploads that no sweep is tried on */
  readonly table: string;
  readonly grantsTable: string;
  readonly createTable: () => Promise<string>;
};

/**
 * Makes them, at an endpoint that speaks S3, DynamoDB and SQS, or S3 alone. `incoming` keeps versions, as it
 * does when deployed, or not.
 */
export async function openEngine(
  endpoint: string,
  { versioned, hasTable = true }: { readonly versioned: boolean; readonly hasTable?: boolean },
): Promise<Engine> {
  const settings = resolveSettings({
    code: { endpoint, region: 'us-east-1', accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const connect = (): Clients => ({
    s3: createS3Client(settings),
    dynamo: createDynamoDBClient(settings),
    sqs: createSQSClient(settings),
  });
  const { s3, dynamo, sqs } = connect();
  const suffix = randomUUID();
  const buckets = {
    incoming: `incoming-${suffix}`,
    store: `store-${suffix}`,
    quarantine: `quarantine-${suffix}`,
  };
  for (const Bucket of Object.values(buckets)) await s3.send(new CreateBucketCommand({ Bucket }));
  if (versioned) {
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await s3.send(new PutBucketVersioningCommand({ Bucket: buckets.incoming, VersioningConfiguration }));
  }
  const createQueue = async () => {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: `arrivals-${suffix}` }));
    return QueueUrl;
  };
  const createTable = async () => {
    const TableName = `ledger-${randomUUID()}`;
    await dynamo.send(new CreateTableCommand({ ...LEDGER_TABLE, TableName }));
    return TableName;
  };
  /** As in infra/grants.yml. */
  const createGrantsTable = async () => {
    const TableName = `grants-${randomUUID()}`;
    await dynamo.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    return TableName;
  };
  return {
    connect,
    buckets,
    queueUrl: hasTable ? await createQueue() : '',
    table: hasTable ? await createTable() : '',
    grantsTable: hasTable ? await createGrantsTable() : '',
    createTable,
  };
}

/** As in infra/ledger.yml. */
const LEDGER_TABLE: Omit<CreateTableCommandInput, 'TableName'> = {
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'ownerKey', AttributeType: 'S' },
    { AttributeName: 'createdAtId', AttributeType: 'S' },
    { AttributeName: 'dueShard', AttributeType: 'S' },
    { AttributeName: 'dueAt', AttributeType: 'N' },
    { AttributeName: 'tenant', AttributeType: 'S' },
    { AttributeName: 'referenceKey', AttributeType: 'S' },
  ],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: (
    [
      [INDEXES.owner, 'ownerKey', 'createdAtId'],
      [INDEXES.due, 'dueShard', 'dueAt'],
      [INDEXES.tenant, 'tenant', 'createdAtId'],
      [INDEXES.reference, 'referenceKey', 'createdAtId'],
    ] as const
  ).map(([IndexName, hash, range]) => ({
    IndexName,
    KeySchema: [
      { AttributeName: hash, KeyType: 'HASH' },
      { AttributeName: range, KeyType: 'RANGE' },
    ],
    Projection: { ProjectionType: 'KEYS_ONLY' },
  })),
};

/**
 * One upload, and whatever is done about it. `isAlone` gives it a table of its own, so that a sweep sees no
 * other.
 */
export async function openWorld(
  engine: Engine,
  bytes: Buffer,
  changes: Partial<Upload> = {},
  { isAlone = false } = {},
) {
  const { buckets, connect, queueUrl } = engine;
  const table = isAlone ? await engine.createTable() : engine.table;
  const upload = aRequest({
    policy: 'data',
    contentType: 'text/csv',
    filename: 'a.csv',
    size: bytes.length,
    dueAt: 100_000,
    ...changes,
  });
  const { key } = upload;
  let now = 10_000;
  let isSent = false;
  const signal = new AbortController().signal;

  const portsOn = ({ s3, dynamo, sqs }: Clients) => ({
    ledger: createLedger(dynamo, table, engine.grantsTable),
    objects: createObjects(s3, buckets),
    multipart: createMultipart(s3, buckets.incoming),
    announce: createAnnounce(sqs, queueUrl, buckets.incoming),
    policies,
    now: () => now,
    newId: randomUUID,
    countArrivals: async () => 0,
    rowRetentionInSeconds: 60,
    expiryGraceInSeconds: 60,
  });
  const clients = connect();
  const honestPorts = portsOn(clients);
  const { s3 } = clients;

  const find = async (place: Place, at = key): Promise<string> => {
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: buckets[place], Key: at }));
      const found = Buffer.from((await Body?.transformToByteArray()) ?? []);
      return found.equals(bytes) ? 'the bytes' : 'other bytes';
    } catch (error) {
      if (error instanceof NoSuchKey) return 'nothing';
      throw error;
    }
  };

  return {
    upload,
    key,
    bytes,
    signal,
    /** The ports as a worker has them, with one answer tampered with. */
    tampered: (plan?: Plan) => {
      const own = connect();
      const traffic = tamperWith([own.s3, own.dynamo, own.sqs], plan);
      return { ...portsOn(own), traffic };
    },
    ports: honestPorts,
    record: () => honestPorts.ledger.record(upload),
    put: async () => {
      await s3.send(new PutObjectCommand({ Bucket: buckets.incoming, Key: key, Body: bytes }));
      isSent = true;
    },
    /** The whole object is there, however it came. */
    sent: () => {
      isSent = true;
    },
    putPart: (UploadId: string) =>
      s3.send(
        new UploadPartCommand({ Bucket: buckets.incoming, Key: key, UploadId, PartNumber: 1, Body: bytes }),
      ),
    verifyBy: (ports: ReturnType<typeof portsOn>) => verify(ports, { key }, LEASE_MS, signal),
    pass: (ms: number) => {
      now += ms;
    },
    /** What the queue does once all faults are over: brings the arrival until it is acknowledged. */
    redeliver: async (): Promise<void> => {
      for (let receives = 0; receives < RECEIVES_AT_MOST; receives += 1) {
        now += VISIBILITY_MS;
        try {
          await verify(honestPorts, { key }, LEASE_MS, signal);
          return;
        } catch {
          // not acknowledged: it comes again
        }
      }
    },
    /** One sweep, without faults, after all has become due; what it announces is delivered. */
    sweepOnce: async (): Promise<void> => {
      now += 86_400_000;
      const announce = async () => void (await verify(honestPorts, { key }, LEASE_MS, signal));
      async function* due(_shard: string, at: number) {
        const row = await honestPorts.ledger.read(upload.id);
        if (row?.dueAt !== undefined && row.dueAt <= at) yield { uploads: [row], unreadable: [] };
      }
      const ledger = { ...honestPorts.ledger, dueShards: ['0'], due };
      await sweep({ ...honestPorts, ledger, announce }, signal, RAISED);
    },
    /** Where the bytes are, and what the row says. */
    look: async () => {
      const [row, incoming, store, quarantine, aside] = await Promise.all([
        honestPorts.ledger.read(upload.id),
        find('incoming'),
        find('store'),
        find('quarantine'),
        find('quarantine', unrequestedKey(key, bytes)),
      ]);
      return { isSent, state: row?.state, incoming, store, quarantine, aside };
    },
  };
}

/** Where an object goes that nobody requested. */
function unrequestedKey(key: string, bytes: Uint8Array): string {
  const etag = createHash('md5').update(bytes).digest('hex');
  return `unrequested/${createHash('sha256')
    .update(JSON.stringify([key, etag]))
    .digest('hex')}`;
}

export type World = Awaited<ReturnType<typeof openWorld>>;
