// Honest people, many at once: the neighbours that no cure may harm, and those whom a trouble meets.
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiOptions } from '@sluice/client/api';
import { createBatchClient } from '@sluice/client/batch';
import type { Upload } from '@sluice/client/resource';
import { createUploader } from '@sluice/client/uploader';
import type { Owner } from '@sluice/contract/upload';

export type Sender = {
  /** Sends files of an owner. Resolves with the ids of the uploads when all bytes are in S3. */
  readonly send: (owner: Owner, count: number, file?: Partial<Sent>) => Promise<string[]>;
  /** The uploads as the API has them. */
  readonly read: (ids: readonly string[]) => Promise<Upload[]>;
  /** Waits until all of these uploads are in one of the states. Throws with those that are not in time. */
  readonly until: (
    ids: readonly string[],
    states: Upload['state'] | readonly Upload['state'][],
    withinMs?: number,
  ) => Promise<Upload[]>;
};

/** What is sent of each file. */
export type Sent = {
  readonly policy: string;
  readonly filename: string;
  readonly type: string;
  readonly bytes: (index: number) => string | Uint8Array<ArrayBuffer>;
};

const ROWS: Sent = {
  policy: 'data',
  filename: 'rows.csv',
  type: 'text/csv',
  bytes: (index) => `id,name\n${index},row\n`,
};
// The local S3 answers no faster to more of them.
const AT_ONCE = 12;
const POLL_MS = 500;
const PATIENCE_MS = 5 * 60_000;

/** Sends as a service, for any owner. */
export function createSender(access: ApiOptions): Sender {
  const client = createBatchClient(access);
  const uploader = createUploader({ ...access, concurrency: AT_ONCE });
  const read = (ids: readonly string[]) => Promise.all(ids.map((id) => client.status(id)));
  return {
    send: async (owner, count, file = {}) => {
      const { policy, filename, type, bytes } = { ...ROWS, ...file };
      const uploads = Array.from({ length: count }, (_, index) =>
        uploader.send(new Blob([bytes(index)], { type }), { owner, policy, filename, contentType: type }),
      );
      return (await Promise.all(uploads)).map(({ id }) => id);
    },
    read,
    until: async (ids, states, withinMs = PATIENCE_MS) => {
      const wanted: readonly string[] = [states].flat();
      const end = performance.now() + withinMs;
      const found = new Map<string, Upload>();
      for (;;) {
        const open = ids.filter((id) => !found.has(id));
        const uploads = await read(open);
        for (const upload of uploads) if (wanted.includes(upload.state)) found.set(upload.id, upload);
        if (found.size === ids.length) return ids.map((id) => found.get(id) as Upload);
        if (performance.now() > end) {
          const others = uploads.filter(({ id }) => !found.has(id)).map(({ state }) => state);
          throw new Error(
            `${others.length} of ${ids.length} are not ${wanted.join(' or ')}, but ${[...new Set(others)].join(', ')}`,
          );
        }
        await delay(POLL_MS);
      }
    },
  };
}
