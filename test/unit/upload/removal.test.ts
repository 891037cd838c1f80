import { STATES, type State } from '@sluice/contract/state';
import { expect, test } from 'vitest';
import { toUser } from '../../../src/lib/upload/access.ts';
import { abortUpload, deleteUpload } from '../../../src/lib/upload/delete.ts';
import type { Place } from '../../../src/lib/upload/ports.ts';
import { ROW_SCHEMA } from '../../../src/lib/upload/row.ts';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { verify } from '../../../src/lib/upload/verify.ts';
import { policies } from '../../../src/policies.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';
import { UNHEARD } from '../../fakes/sweep-report.ts';

const PLACES = ['incoming', 'store', 'quarantine'] as const satisfies readonly Place[];
const BYTES = 'a,b\n1,2\n';

/**
 * A row in any state, known or not, whose object lies in all three places; and every path that can remove
 * something.
 */
async function setup(state: string, schema: number, isVersioned: boolean) {
  const ledger = createMemoryLedger();
  const objects = createMemoryObjects({ isVersioned });
  const upload = aRequest({
    state: state as State,
    epoch: 1,
    dueAt: 9_000,
    policy: 'data',
    contentType: 'text/csv',
    filename: 'a.csv',
    size: BYTES.length,
  });
  await ledger.record(upload);
  ledger.rows.set(upload.id, { upload, schema, leaseEndsAt: 0 });
  const versionId = objects.put(upload.key, BYTES);
  for (const place of ['store', 'quarantine'] as const) {
    objects.places[place].set(upload.key, {
      bytes: Buffer.from(BYTES),
      headers: {
        contentType: 'text/csv; charset=utf-8',
        contentDisposition: 'attachment',
        metadata: { 'upload-id': upload.id, reason: 'type_mismatch' },
      },
    });
  }
  const deps = {
    ledger,
    objects,
    multipart: createMemoryMultipart(objects),
    policies,
    now: () => 10_000,
    newId: () => 'w',
    countArrivals: async () => 0,
    rowRetentionInSeconds: 60,
    announce: async () => {},
  };
  const signal = new AbortController().signal;
  const paths = {
    sweep: () => sweep(deps, signal, UNHEARD),
    arrival: () => verify(deps, { key: upload.key, ...(versionId && { versionId }) }, 1_000, signal),
    deletion: () => deleteUpload(deps, toUser(upload), upload.id),
    abort: () => abortUpload(deps, toUser(upload), upload.id),
  };
  const left = () => PLACES.filter((place) => objects.places[place].has(upload.key));
  return { paths, left, stateNow: () => ledger.rows.get(upload.id)?.upload.state };
}

type Path = keyof Awaited<ReturnType<typeof setup>>['paths'];

/** What each path removes, by state. Whatever is not written here removes nothing. */
const REMOVED: Readonly<Record<Path, Partial<Record<State, readonly Place[]>>>> = {
  sweep: {
    // The verdict is elsewhere, where its copy was seen.
    accepted: ['quarantine'],
    expired: ['incoming'],
    aborted: ['incoming'],
    deleted: ['incoming', 'store', 'quarantine'],
    // Once its copy is in quarantine.
    recalled: ['incoming', 'store'],
  },
  arrival: {
    // Judged, and found in the store already: the row says accepted before the original goes.
    requested: ['incoming'],
    verifying: ['incoming'],
    accepted: ['incoming'],
    rejected: ['incoming'],
    expired: ['incoming'],
    aborted: ['incoming'],
    deleted: ['incoming', 'store'],
    recalled: ['incoming'],
  },
  // The store shows that the row was older than its verdict.
  deletion: {
    requested: ['incoming', 'store'],
    held: ['incoming', 'store'],
    accepted: ['incoming', 'store'],
  },
  abort: { requested: ['incoming'] },
};

const CASES = Object.keys(REMOVED).flatMap((path) =>
  [...STATES, 'dreaming'].flatMap((state) =>
    [undefined, ROW_SCHEMA, ROW_SCHEMA + 1].flatMap((schema) =>
      [true, false].map((isVersioned) => ({ path: path as Path, state, schema, isVersioned })),
    ),
  ),
);

test.each(CASES)(
  '$path of an upload that is $state (schema $schema, versions $isVersioned) removes what its state allows',
  async ({ path, state, schema, isVersioned }) => {
    const world = await setup(state, schema ?? ROW_SCHEMA, isVersioned);
    await world.paths[path]().catch(() => undefined);
    const isUnderstood = state !== 'dreaming' && schema !== ROW_SCHEMA + 1;
    const removed = isUnderstood ? (REMOVED[path][state as State] ?? []) : [];
    expect(world.left()).toEqual(PLACES.filter((place) => !removed.includes(place)));
    if (!isUnderstood) expect(world.stateNow()).toBe(state);
  },
);

test('only a deletion that its owner asked for, and a recall, ever empty a place in the store', async () => {
  const emptying = CASES.filter(({ path, state }) => REMOVED[path][state as State]?.includes('store'));
  expect(new Set(emptying.map(({ path, state }) => `${path} of ${state}`))).toEqual(
    new Set([
      'sweep of deleted',
      'sweep of recalled',
      'arrival of deleted',
      'deletion of accepted',
      'deletion of requested',
      'deletion of held',
    ]),
  );
});
