// Access to what is open to everybody: nothing is signed, and nobody is asked for keys.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { createBucketSigner } from '@sluice/connection/access/presign';
import { createDynamoDBClient } from '@sluice/connection/clients/dynamodb';
import { createS3Client } from '@sluice/connection/clients/s3';
import { createSession } from '@sluice/connection/session';
import { downloadFile } from '@sluice/connection/transfers/download';
import { uploadBytes } from '@sluice/connection/transfers/upload';
import { describe, expect, test } from 'vitest';
import { serve } from './servers/server.ts';

const BODY = Buffer.from('open to everybody');

/**
 * A server that answers as S3 does about one object, and an unsigned session in an environment that has keys
 * all the same.
 */
async function setup() {
  const seen: IncomingMessage[] = [];
  const server = await serve((request, response) => {
    seen.push(request);
    request.resume().on('end', () => {
      response.setHeader('etag', '"e"');
      if (request.url?.includes('list-type')) return response.end('<ListBucketResult/>');
      if (request.method === 'POST') return response.end('{"TableNames":[]}');
      return response.setHeader('content-length', BODY.length).end(request.method === 'HEAD' ? '' : BODY);
    });
  });
  const session = createSession({
    code: { unsigned: true, region: 'eu-central-1', endpoint: server.url },
    environment: {
      AWS_ACCESS_KEY_ID: 'AKIATEST',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_CONFIG_FILE: '/nowhere',
      AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
    },
    credentials: () => Promise.reject(new Error('nobody is to be asked for keys')),
  });
  const folder = mkdtempSync(join(tmpdir(), 'sluice-unsigned-'));
  return {
    seen,
    session,
    client: session.client(createS3Client),
    path: join(folder, 'file'),
    async [Symbol.asyncDispose]() {
      session.close();
      rmSync(folder, { recursive: true });
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('an unsigned session', () => {
  test('lists, uploads and downloads without a signature and without asking for keys', async () => {
    await using open = await setup();
    const object = { client: open.client, bucket: 'bucket', key: 'key' };
    await open.client.send(new ListObjectsV2Command({ Bucket: 'bucket' }));
    await uploadBytes({ ...object, bytes: BODY });
    await downloadFile({ ...object, path: open.path });
    expect(readFileSync(open.path)).toEqual(BODY);
    expect(open.seen.map(({ method }) => method)).toEqual(['GET', 'PUT', 'HEAD', 'GET']);
    const signed = open.seen.filter(({ headers, url }) => headers.authorization ?? /X-Amz-/i.test(url ?? ''));
    expect(signed).toEqual([]);
  });

  test('signs nothing for other services either', async () => {
    await using open = await setup();
    await open.session.client(createDynamoDBClient).send(new ListTablesCommand({}));
    expect(open.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test('has no keys to give, and refuses to sign URLs by naming the setting', async () => {
    await using open = await setup();
    await expect(open.session.credentials()).rejects.toMatchObject({
      name: 'NoCredentialsError',
      message: 'there are no keys where nothing is signed (unsigned)',
    });
    expect(() => createBucketSigner(open.session, 'bucket')).toThrow(
      'unsigned: "true" (from code) is not allowed; expected false, since a URL or a form is signed',
    );
  });
});
