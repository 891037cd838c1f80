import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { createS3Client } from '@sluice/connection/clients/s3';
import { type CodeSettings, resolveSettings } from '@sluice/connection/settings/resolve';
import type { Settings } from '@sluice/connection/settings/values';
import { inject } from 'vitest';

/** An account of the local stack as one test sees it: a client, a bucket of its own, a folder of its own. */
export type Account = Disposable & {
  readonly client: S3Client;
  readonly settings: Settings;
  readonly bucket: string;
  readonly path: (name: string) => string;
};

/** The settings of a client of the local stack. */
export function localSettings(code: CodeSettings = {}): Settings {
  const endpoint = inject('endpoint');
  return resolveSettings({
    code: { endpoint, region: 'us-east-1', accessKeyId: 'test', secretAccessKey: 'test', ...code },
  });
}

/** Opens it, with an empty bucket. */
export async function openAccount(code: CodeSettings = {}): Promise<Account> {
  const settings = localSettings(code);
  const client = createS3Client(settings);
  const bucket = `connection-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const folder = mkdtempSync(join(tmpdir(), 'sluice-transfer-'));
  return {
    client,
    settings,
    bucket,
    path: (name) => join(folder, name),
    [Symbol.dispose]() {
      client.destroy();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Bytes that compress, repeat and align with nothing. */
export function noise(length: number): Buffer {
  return randomBytes(length);
}
