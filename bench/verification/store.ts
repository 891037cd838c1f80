import { createHash, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { foldersIn, projectRoot } from '../../local/folders.ts';
import { startMiniStack } from '../../local/ministack.ts';
import { findFreePort } from '../../local/port.ts';
import { prepareMiniStack } from '../../local/prepare.ts';

export const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };
export const REGION = 'us-east-1';

/**
 * The environment of a worker on this store, but for the key. Nothing is deployed, so that nobody verifies
 * before it.
 */
export const VARIABLES = {
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  LEDGER_TABLE: 'ledger',
  GRANTS_TABLE: 'grants',
  INCOMING_BUCKET: 'incoming-of-the-bench',
  STORE_BUCKET: 'store-of-the-bench',
  QUARANTINE_BUCKET: 'quarantine-of-the-bench',
};

export type Store = {
  readonly endpoint: string;
  /**
   * Puts a CSV of exactly so many bytes; with its SHA-256 for S3 to check and record, or without any
   * checksum.
   */
  readonly put: (key: string, bytes: number, sha256?: string) => Promise<void>;
  readonly forget: (key: string) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** A MiniStack of its own with empty buckets and an empty table. */
export async function startStore(): Promise<Store> {
  const folders = foldersIn(join(projectRoot, '.sluice', `bench-${randomUUID()}`));
  const port = await findFreePort();
  const { launch } = await prepareMiniStack(folders, port);
  const { endpoint, stop, ended } = await startMiniStack(launch, folders, port);
  ended.catch(() => {});
  const client = { endpoint, region: REGION, credentials: CREDENTIALS };
  const s3 = new S3Client({ ...client, forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' });
  const dynamo = new DynamoDBClient(client);
  const { INCOMING_BUCKET, STORE_BUCKET, QUARANTINE_BUCKET, LEDGER_TABLE } = VARIABLES;
  for (const Bucket of [INCOMING_BUCKET, STORE_BUCKET, QUARANTINE_BUCKET]) {
    await s3.send(new CreateBucketCommand({ Bucket }));
  }
  await dynamo.send(
    new CreateTableCommand({
      TableName: LEDGER_TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  return {
    endpoint,
    put: async (key, bytes, sha256) => {
      await s3.send(
        new PutObjectCommand({
          Bucket: INCOMING_BUCKET,
          Key: key,
          Body: Readable.from(rows(bytes)),
          ContentLength: bytes,
          ContentType: 'text/csv',
          ...(sha256 && { ChecksumSHA256: sha256 }),
        }),
      );
    },
    forget: async (key) => {
      await s3.send(new DeleteObjectCommand({ Bucket: STORE_BUCKET, Key: key }));
    },
    stop: async () => {
      s3.destroy();
      dynamo.destroy();
      await stop();
      await rm(folders.base, { recursive: true, force: true });
    },
  };
}

const CHUNK = Buffer.from('1,2,3,4,5,6,7,\n'.repeat(69_906)); // 1 MiB less 6 bytes

function* rows(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= CHUNK.length) yield CHUNK.subarray(0, left);
}

/** The SHA-256 of such a CSV, in base64. */
export function digestOf(bytes: number): string {
  const hash = createHash('sha256');
  for (const chunk of rows(bytes)) hash.update(chunk);
  return hash.digest('base64');
}
