import type { Upload } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import type { Count } from '../../../src/lib/quota/count.ts';
import type { Recording } from '../../../src/lib/upload/ports.ts';
import { createTogether } from '../../../src/lib/upload/together.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { togetherContract } from '../../contract/together.contract.ts';
import { createMemoryGrants } from '../../fakes/memory-grants.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';

togetherContract('the ledger in memory', async () => {
  const grants = createMemoryGrants();
  const ledger = createMemoryLedger(grants);
  return { grants, counters: grants.counters, ledger, recordTogether: ledger.recordTogether };
});

const COUNTS: readonly Count[] = [
  { counter: 'owner', id: 'owner#x', limits: {}, files: 0, bytes: 0, changes: 0 },
];

function counted(changes: Partial<Upload> = {}): Upload {
  return aRequest({ reserved: 1, counters: ['owner'], ...changes });
}

type World = { together?: boolean; failure?: Error; wait?: () => Promise<void> };

function setup({ together = true, failure, wait }: World = {}) {
  const alone: Upload[] = [];
  const groups: number[] = [];
  let endWait: () => void = () => {};
  const recordAt = createTogether(
    async (upload) => {
      alone.push(upload);
      if (upload.filename === 'refused.csv') throw new Error('no room');
      return { created: true, upload };
    },
    async (recordings: readonly Recording[]) => {
      groups.push(recordings.length);
      if (failure) throw failure;
      return together;
    },
    3,
    wait ?? (() => new Promise((resolve) => (endWait = resolve))),
  );
  let position = 0;
  const record: ReturnType<typeof recordAt> = (upload, from) => recordAt(position++)(upload, from);
  return { record, recordAt, alone, groups, endWait: () => endWait() };
}

describe('uploads that are recorded at the same moment', () => {
  test('are written together once there are as many as are waited for', async () => {
    const { record, alone, groups } = setup();
    const rows = [counted(), counted(), counted()];
    const recorded = await Promise.all(rows.map((row) => record(row, { counts: COUNTS })));
    expect(recorded).toEqual(rows.map((upload) => ({ created: true, upload })));
    expect(groups).toEqual([3]);
    expect(alone).toEqual([]);
  });

  test('are written when the wait is over, though they are fewer', async () => {
    const { record, groups, endWait } = setup();
    const recorded = [counted(), counted()].map((row) => record(row, { counts: COUNTS }));
    endWait();
    await Promise.all(recorded);
    expect(groups).toEqual([2]);
  });

  test('that come after a group is full are another group, which the first one’s wait does not close', async () => {
    const waits: (() => void)[] = [];
    const { record, groups } = setup({ wait: () => new Promise((resolve) => waits.push(resolve)) });
    await Promise.all(Array.from({ length: 3 }, () => record(counted(), { counts: COUNTS })));
    const later = [record(counted(), { counts: COUNTS }), record(counted(), { counts: COUNTS })];
    waits[0]?.();
    await new Promise((resolve) => setTimeout(resolve));
    expect(groups).toEqual([3]);
    waits[1]?.();
    await Promise.all(later);
    expect(groups).toEqual([3, 2]);
  });

  test('wait for nobody where they take from nothing', async () => {
    const { record, alone, groups } = setup();
    await Promise.all([
      record(aRequest()),
      record(aRequest(), { counts: COUNTS }),
      record(counted(), { counts: [] }),
    ]);
    expect(alone).toHaveLength(3);
    expect(groups).toEqual([]);
  });

  test('are recorded one after the other where they cannot be together, and each ends by itself', async () => {
    const { record, alone } = setup({ together: false });
    const rows = [counted(), counted({ filename: 'refused.csv' }), counted()];
    const ends = await Promise.allSettled(rows.map((row) => record(row, { counts: COUNTS })));
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(alone).toEqual(rows);
  });

  test('are then recorded by their positions, whichever came first', async () => {
    const { recordAt, alone } = setup({ together: false });
    const rows = [counted(), counted(), counted()];
    const byArrival = [2, 0, 1].map((position) =>
      recordAt(position)(rows[position] ?? counted(), { counts: COUNTS }),
    );
    await Promise.all(byArrival);
    expect(alone).toEqual(rows);
  });

  test('fail together where nothing is known of the write, and none is written a second time', async () => {
    const failure = new Error('the connection broke');
    const { record, alone } = setup({ failure });
    const ends = await Promise.allSettled(
      Array.from({ length: 3 }, () => record(counted(), { counts: COUNTS })),
    );
    expect(ends).toEqual(Array.from({ length: 3 }, () => ({ status: 'rejected', reason: failure })));
    expect(alone).toEqual([]);
  });

  test('are no group where there is one alone', async () => {
    const { record, alone, groups, endWait } = setup();
    const one = record(counted(), { counts: COUNTS });
    endWait();
    await one;
    expect(alone).toHaveLength(1);
    expect(groups).toEqual([]);
  });
});
