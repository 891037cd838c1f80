// Somebody worked by hand in the wrong place: rows of accepted files are gone from the ledger, and files of
// other rows from the store.
import assert from 'node:assert/strict';
import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteObjectsCommand } from '@aws-sdk/client-s3';
import { countsOf } from './command.ts';
import { createDrill } from './drill.ts';
import { keysIn } from './keys.ts';
import type { Scene } from './scene.ts';

const ORPHANS = 500;
const MISSING = 500;
const NEIGHBOURS = 50;
const TWO_HOURS = 2 * 3_600_000;
const BATCH = 25;

const LOOK = 'npx sluice admin reconcile --stage prod';
const MEND = 'npx sluice admin reconcile --repair --orphans set-aside --missing end --stage prod';

export const orphans = createDrill({
  name: 'orphans',
  title: `${ORPHANS} files whose rows are gone, and ${MISSING} rows whose files are gone`,
  symptom: 'AcceptedMissingAlarm',
  commands: [LOOK, MEND],

  trouble: async (scene) => {
    const { send, until, ledger, s3, stack, age } = scene;
    const before = await send({ tenant: 'drills', subject: 'before' }, NEIGHBOURS);
    const orphaned = await send({ tenant: 'drills', subject: 'orphaned' }, ORPHANS);
    const missing = await send({ tenant: 'drills', subject: 'missing' }, MISSING);
    await until([...before, ...orphaned, ...missing], 'accepted');
    const keysOf = async (ids: readonly string[]) =>
      (await ledger.readMany(ids)).uploads.map(({ key }) => key);
    const orphanedKeys = await keysOf(orphaned);
    await age(TWO_HOURS);
    await forget(scene, orphaned);
    const Objects = (await keysOf(missing)).map((Key) => ({ Key }));
    await s3.send(
      new DeleteObjectsCommand({ Bucket: stack.buckets.store, Delete: { Objects, Quiet: true } }),
    );
    return { before, missing, orphanedKeys };
  },

  cure: async ({ run }, { before }) => {
    const found = countsOf(await run(LOOK));
    assert.equal(found.orphan, ORPHANS);
    assert.equal(found['file missing'], MISSING);
    assert.ok((found['in order'] ?? 0) >= before.length);
    const mended = countsOf(await run(MEND));
    assert.equal(mended.orphan, ORPHANS);
    assert.equal(mended['file missing'], MISSING);
    const left = countsOf(await run(LOOK));
    assert.deepEqual([left.orphan, left['file missing'], left.failed], [undefined, undefined, undefined]);
  },

  proof: async ({ until, service, s3, stack }, { before, missing, orphanedKeys }) => {
    await until(missing, 'deleted', 0);
    await until(before, 'accepted', 0);
    for (const { url, problem } of await service.downloads(before)) {
      assert.equal(problem, undefined);
      assert.equal((await fetch(url ?? '')).status, 200);
    }
    const stored = await keysIn(s3, stack.buckets.store);
    assert.deepEqual(
      orphanedKeys.filter((key) => stored.includes(key)),
      [],
    );
    const aside = await keysIn(s3, stack.buckets.quarantine, 'orphans/');
    assert.deepEqual(
      orphanedKeys.filter((key) => !aside.includes(`orphans/${key}`)),
      [],
    );
  },
});

/** Removes rows, past Sluice. */
async function forget({ dynamo, stack }: Scene, ids: readonly string[]): Promise<void> {
  for (let at = 0; at < ids.length; at += BATCH) {
    const requests = ids.slice(at, at + BATCH).map((id) => ({ DeleteRequest: { Key: { id: { S: id } } } }));
    await dynamo.send(new BatchWriteItemCommand({ RequestItems: { [stack.table]: requests } }));
  }
}
