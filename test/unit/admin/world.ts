import type { AdminCall, AdminPage } from '@sluice/contract/admin';
import type { Upload } from '@sluice/contract/upload';
import { administer } from '../../../src/lib/admin/administer.ts';
import type { DeadLetters, QueueName, Unfinished } from '../../../src/lib/admin/ports.ts';
import { addCounts } from '../../../src/lib/admin/tally.ts';
import { createMemoryBuckets } from '../../fakes/memory-buckets.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';

export const NOW = Date.parse('2026-11-20T09:15:00Z');

/** What a command is sent, without what every call has. */
export type Asked = AdminCall extends infer Call
  ? Call extends AdminCall
    ? Omit<Call, 'schema'>
    : never
  : never;

/** A deployment in memory, with these rows. */
export async function createAdminWorld(
  uploads: readonly Upload[] = [],
  { unfinished = [] as readonly Unfinished[], isVersioned = false } = {},
) {
  const ledger = createMemoryLedger();
  const objects = createMemoryObjects({ isVersioned, now: () => NOW });
  for (const upload of uploads) await ledger.record(upload);
  const announced: string[] = [];
  const dead: Record<QueueName, string[]> = { arrivals: [], events: [], webhooks: [] };
  const deadLetters: DeadLetters = {
    queues: ['arrivals', 'events', 'webhooks'],
    async peek(queue, isWanted) {
      const found = dead[queue].flatMap((body, n) =>
        isWanted(body) ? [{ queue, messageId: `${queue}-${n}`, body }] : [],
      );
      return { found, messages: dead[queue].length, isAll: true };
    },
  };
  const deps = {
    ledger,
    objects,
    buckets: createMemoryBuckets(objects, unfinished),
    deadLetters,
    announce: async ({ key }: Pick<Upload, 'key'>) => {
      announced.push(key);
    },
    now: () => NOW,
  };
  /** One call, which takes as many steps as there is time for: all of them, unless `steps` says otherwise. */
  const ask = (call: Asked, steps = Number.POSITIVE_INFINITY) => {
    let taken = 0;
    return administer(deps, { schema: 1, ...call }, () => {
      taken += 1;
      return taken < steps;
    });
  };
  /** All pages of a command, a step for each. */
  const askAll = async (call: Asked): Promise<AdminPage> => {
    const counts: Record<string, number> = {};
    const items: AdminPage['items'][number][] = [];
    for (let cursor: string | undefined; ; ) {
      const page = (await ask({ ...call, ...(cursor !== undefined && { cursor }) }, 1)) as AdminPage;
      items.push(...page.items);
      addCounts(counts, page.counts);
      if (page.cursor === undefined) return { counts, items };
      cursor = page.cursor;
    }
  };
  return { deps, ledger, objects, announced, dead, ask, askAll };
}
