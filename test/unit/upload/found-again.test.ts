import type { Upload } from '@sluice/contract/upload';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { verify } from '../../../src/lib/upload/verify.ts';
import { policies } from '../../../src/policies.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { crashing } from '../../fakes/crashing.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';
import { UNHEARD } from '../../fakes/sweep-report.ts';

const MINUTE = 60_000;
const LEASE_MS = 20_000;
const CSV = 'a,b\n1,2\n';

async function setup(dueInMs: number) {
  let now = 1_000_000_000_000;
  const ledger = createMemoryLedger();
  const objects = createMemoryObjects({ now: () => now });
  const upload = {
    ...aRequest({ createdAt: now, expiresAt: now + dueInMs, dueAt: now + dueInMs }),
    ...{ policy: 'data', contentType: 'text/csv', filename: 'rows.csv', size: CSV.length },
  };
  await ledger.record(upload);
  objects.put(upload.key, CSV);
  const announced: Upload[] = [];
  const ports = { ledger, objects, multipart: createMemoryMultipart(objects) };
  const depsOf = (some: typeof ports) => ({
    ...some,
    policies,
    now: () => now,
    newId: () => `w${now}`,
    countArrivals: async () => 0,
    rowRetentionInSeconds: 60,
    announce: async (row: Upload) => void announced.push(row),
  });
  const signal = new AbortController().signal;
  return {
    announced,
    row: () => ledger.rows.get(upload.id)?.upload,
    pass: (ms: number) => {
      now += ms;
    },
    /** A worker that dies right after it has claimed the upload, and whose message never comes again. */
    die: () =>
      expect(
        // The first call is the HEAD.
        verify(depsOf(crashing(ports, { call: 2, when: 'after' }).ports), upload, LEASE_MS, signal),
      ).rejects.toThrow('killed after ledger.claim'),
    sweep: () => sweep(depsOf(ports), signal, UNHEARD),
    now: () => now,
  };
}

// Whatever the row was due at: in the grace period of a PUT, or days later, as an upload in parts is.
test('an upload whose worker died, and whose message was lost as well, is announced again within three hours', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 * 24 * 60 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (dueInMinutes, share) => {
        const { die, sweep, announced, row, pass, now } = await setup(dueInMinutes * MINUTE);
        pass(Math.floor(share * dueInMinutes * MINUTE));
        await die();
        expect(row()?.state).toBe('verifying');
        const waits = (row()?.dueAt ?? Number.POSITIVE_INFINITY) - now();
        expect(waits).toBeLessThanOrEqual(180 * MINUTE);
        // The queue has been there before.
        expect(waits).toBeGreaterThanOrEqual(LEASE_MS + 5 * MINUTE);
        pass(waits - 1);
        expect((await sweep()).announced).toBe(0);
        pass(1);
        expect((await sweep()).announced).toBe(1);
        expect(announced).toHaveLength(1);
      },
    ),
  );
});
