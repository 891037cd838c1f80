import type { AdminCall, AdminPage } from '@sluice/contract/admin';
import type { Counter } from '@sluice/contract/quota';
import type { Scanner } from '@sluice/contract/scan';
import type { Upload } from '@sluice/contract/upload';
import { administer } from '../../../src/lib/admin/administer.ts';
import type { BackupRow, Unfinished } from '../../../src/lib/admin/ports.ts';
import { addCounts } from '../../../src/lib/admin/tally.ts';
import { createOwnerLimits } from '../../../src/lib/quota/owner-limits.ts';
import type { QuotaSettings } from '../../../src/lib/quota/rules.ts';
import type { Place } from '../../../src/lib/upload/ports.ts';
import { verify } from '../../../src/lib/upload/verify.ts';
import { policies } from '../../../src/policies.ts';
import { type Crash, crashing } from '../../fakes/crashing.ts';
import { createMemoryAdminGrants, createMemoryAdminLedger } from '../../fakes/memory-admin-ledger.ts';
import { createMemoryBlocks } from '../../fakes/memory-blocks.ts';
import { createMemoryBuckets, createMemorySource } from '../../fakes/memory-buckets.ts';
import { createMemoryDeadLetters } from '../../fakes/memory-dead-letters.ts';
import { createMemoryGrants } from '../../fakes/memory-grants.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';
import { createFakeScanners, STORE, scannedBy } from '../../fakes/scanners.ts';

export const NOW = Date.parse('2026-11-20T09:15:00Z');
export const HOUR = 3_600_000;

/** What a command is sent, without what every call has. */
export type Asked = AdminCall extends infer Call
  ? Call extends AdminCall
    ? Omit<Call, 'schema'>
    : never
  : never;

/** A deployment in memory, with these rows. */
export async function createAdminWorld(
  uploads: readonly Upload[] = [],
  {
    unfinished = [] as readonly Unfinished[],
    isVersioned = false,
    backup = [] as readonly BackupRow[],
    crash = undefined as Crash | undefined,
    quotas = {} as Partial<QuotaSettings>,
    demanded = undefined as readonly Scanner[] | undefined,
  } = {},
) {
  let now = NOW;
  const grants = createMemoryGrants();
  const ledger = createMemoryLedger(grants);
  const objects = createMemoryObjects({ isVersioned, now: () => now });
  const multipart = createMemoryMultipart(objects);
  for (const upload of uploads) await ledger.record(upload);
  const announced: string[] = [];
  const deadLetters = createMemoryDeadLetters();
  const scanners = createFakeScanners('inspection', 'clamav');
  const elsewhere = new Map<string, Buffer>();
  const blockList = createMemoryBlocks();
  let workers = 0;
  const { ports, calls } = crashing(
    {
      ledger,
      objects,
      multipart,
      buckets: createMemoryBuckets(objects, unfinished, elsewhere),
      source: createMemorySource(elsewhere),
      table: createMemoryAdminLedger(ledger, grants, backup),
      grantTable: createMemoryAdminGrants(grants),
      blockList,
      deadLetters,
      queue: {
        announce: async ({ key }: Pick<Upload, 'key'>) => {
          announced.push(key);
        },
      },
    },
    crash,
  );
  const { queue, ...stores } = ports;
  const deps = {
    ...stores,
    announce: queue.announce,
    blocks: blockList,
    placeOf: (bucket: string) => (bucket in objects.places ? (bucket as Place) : undefined),
    incomingBucket: 'incoming',
    storeBucket: STORE,
    scanners,
    sign: async ({ key }: { readonly key: string }) => ({
      url: `https://store.example/${key}`,
      expiresAt: new Date(now),
    }),
    ready: async () => undefined,
    counters: grants.counters,
    limits: createOwnerLimits(
      { counted: [], owner: {}, tenant: {}, ...quotas },
      grants.counters,
      async () => {},
    ),
    settle: async () => undefined,
    settings: { counted: [], owner: {}, tenant: {}, ...quotas },
    countIn: async (seen: Upload, more: readonly Counter[]) => {
      const row = ledger.rows.get(seen.id);
      if (row === undefined) return false;
      const counters = [...(row.upload.counters ?? []), ...more];
      ledger.rows.set(seen.id, { ...row, upload: { ...row.upload, counters } });
      return true;
    },
    policies: demanded === undefined ? policies : scannedBy(...demanded),
    now: () => now,
    newId: () => `w${++workers}`,
    countArrivals: async () => 0,
    rowRetentionInSeconds: 86_400,
    expiryGraceInSeconds: 3_600,
    retention: { eventDays: 30, logDays: 14 },
  };
  /** One call, which takes as many steps as there is time for: all of them, unless `steps` says otherwise. */
  const ask = (call: Asked, steps = Number.POSITIVE_INFINITY) => {
    let taken = 0;
    const hasTime = () => {
      taken += 1;
      return taken < steps;
    };
    const { signal } = new AbortController();
    return administer(deps, { schema: 1, ...call }, { hasTime, signal: () => signal });
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
  /** What the queue does with whatever is in incoming: verifies it. */
  const verifyAll = async () => {
    const { signal } = new AbortController();
    for (const key of [...objects.places.incoming.keys()]) {
      await verify({ ...deps, ledger, objects }, { key }, 1_000, signal);
    }
  };
  return {
    deps,
    ledger,
    objects,
    multipart,
    grants,
    announced,
    deadLetters,
    blocks: blockList,
    elsewhere,
    scanners,
    ask,
    askAll,
    verifyAll,
    calls,
    pass: (ms: number) => {
      now += ms;
    },
    state: (id: string) => ledger.rows.get(id)?.upload.state,
  };
}
