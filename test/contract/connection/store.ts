import {
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { openAccount } from './account.ts';

const MIB = 2 ** 20;

/** Sizes about every boundary of the defaults, and how many parts each makes. */
export const sizes = [
  ['nothing', 0, 1],
  ['one byte', 1, 1],
  ['one byte less than the threshold', 8 * MIB - 1, 1],
  ['the threshold', 8 * MIB, 1],
  ['one byte more than a part', 8 * MIB + 1, 2],
  ['two and a half parts', 20 * MIB, 3],
] as const;

/** An account with what the tests of transfers ask of S3 behind their back. */
export async function openStore() {
  const account = await openAccount();
  const { client, bucket } = account;
  return {
    ...account,
    place: (key: string) => ({ client, bucket, key }),
    put: (key: string, Body: Buffer, more: Partial<PutObjectCommandInput> = {}) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body, ...more })),
    get: async (key: string) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    head: (key: string) =>
      client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' })),
    uploadsLeft: async () =>
      (await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads?.length ?? 0,
  };
}
