import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Obstacle } from '../../local/obstacle.ts';
import type { Engine } from './engine.ts';

/** Longer than MinIO demands of a password. */
export const MINIO_KEYS = { accessKeyId: 'sluicetest', secretAccessKey: 'sluicetest' } as const;

/**
 * A MinIO of one's own, for `test/other-s3/`: SLUICE_MINIO names the program. Nothing installs it, since Go
 * takes a quarter of an hour to build it.
 * @param push where it sends its notifications, and by which secret
 */
export function minio(program: string, push: { readonly url: string; readonly secret: string }) {
  return {
    name: 'minio',
    isInstalled: async () => true,
    install: async () => {
      throw new Obstacle('MinIO is not installed by the tests: SLUICE_MINIO names the program');
    },
    launch: async (port, folder) => {
      const data = join(folder, 'data');
      await mkdir(data);
      return {
        command: program,
        args: ['server', '--address', `127.0.0.1:${port}`, data],
        env: {
          PATH: process.env.PATH,
          HOME: folder,
          MINIO_ROOT_USER: MINIO_KEYS.accessKeyId,
          MINIO_ROOT_PASSWORD: MINIO_KEYS.secretAccessKey,
          MINIO_BROWSER: 'off',
          MINIO_NOTIFY_WEBHOOK_ENABLE_SLUICE: 'on',
          MINIO_NOTIFY_WEBHOOK_ENDPOINT_SLUICE: push.url,
          MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_SLUICE: push.secret,
          MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_SLUICE: join(folder, 'events'),
        },
      };
    },
  } as const satisfies Omit<Engine, 'name' | 'speaksDynamoDB'> & { readonly name: string };
}

/** By which a bucket's configuration names the webhook. */
export const MINIO_WEBHOOK = 'arn:minio:sqs::SLUICE:webhook';
