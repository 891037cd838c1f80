// Somebody wants to be forgotten, with uploads in every state.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paginateScan } from '@aws-sdk/client-dynamodb';
import { ListMultipartUploadsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { createGrants } from '@sluice/client/grants';
import type { Owner } from '@sluice/contract/upload';
import { countsOf } from './command.ts';
import { createDrill } from './drill.ts';
import { fillEveryState } from './every-state.ts';
import type { Scene } from './scene.ts';

const EACH = 5;
const GRANTS = 3;
const THREE_HOURS = 3 * 3_600_000;

const BLOCK = 'npx sluice admin block --tenant <tenant> --owner <owner> --stage prod';
const ERASE =
  'npx sluice admin erase --tenant <tenant> --owner <owner> --certificate <file> --yes --stage prod';

const ADA: Owner = { tenant: 'drills', subject: 'ada' };
const BOB: Owner = { tenant: 'drills', subject: 'bob' };

export const erasure = createDrill({
  name: 'erasure',
  title: 'somebody with uploads in every state and grants is to be forgotten',
  symptom: 'Somebody is to be forgotten',
  commands: [BLOCK, ERASE],
  wishes: {
    policies: 'test/drills/erasure-policies.ts',
    parameters: {
      storeVersioning: 'true',
      scannerFunction: 'arn:aws:lambda:us-east-1:000000000000:function:nobody',
    },
  },

  trouble: async (scene) => {
    const grants = createGrants(scene.access);
    for (const owner of [ADA, BOB]) for (let n = 0; n < GRANTS; n += 1) await grants.create({ owner });
    const theirs = await fillEveryState(scene, BOB, EACH);
    const ids = await fillEveryState(scene, ADA, EACH);
    const { uploads } = await scene.ledger.readMany(ids);
    return { keys: uploads.map(({ key }) => key), theirs, before: await holdingsOf(scene, BOB) };
  },

  cure: async (scene) => {
    const { run, folder, age, say } = scene;
    const file = join(folder, 'certificate.json');
    const whose = { tenant: ADA.tenant, owner: ADA.subject, file };
    await run(BLOCK, whose);
    const first = countsOf(await run(ERASE, whose));
    assert.equal(first.grants, GRANTS);
    assert.deepEqual([first.running, first.failed], [undefined, undefined]);
    assert.equal(await isComplete(file), false, 'rows stay until nothing can arrive any more');
    say('three hours later:');
    await age(THREE_HOURS);
    await run(ERASE, whose);
    assert.equal(await isComplete(file), true);
  },

  proof: async (scene, { keys, theirs, before }) => {
    const { stack, s3, folder, send, until, service } = scene;
    assert.deepEqual(await holdingsOf(scene, ADA), { rows: [], grants: [] });
    for (const Bucket of Object.values(stack.buckets)) {
      const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
      const left = [...Versions, ...DeleteMarkers].filter(({ Key = '' }) => keys.includes(Key));
      assert.deepEqual(left, [], `versions in ${Bucket}`);
      const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
      assert.deepEqual(
        Uploads.filter(({ Key = '' }) => keys.includes(Key)),
        [],
      );
    }
    const certificate = JSON.parse(await readFile(join(folder, 'certificate.json'), 'utf8'));
    assert.equal(certificate.subject, ADA.subject);
    assert.ok(certificate.stillHeld.length > 0);
    assert.deepEqual(await holdingsOf(scene, BOB), before);
    const { uploads } = await scene.ledger.readMany(theirs);
    await Promise.all(
      uploads
        .filter(({ state }) => state === 'accepted')
        .map(async ({ id }) => assert.equal((await fetch((await service.download(id)).url)).status, 200)),
    );
    await assert.rejects(send(ADA, 1), /an operator has blocked them/);
    await until(await send(BOB, 1), 'accepted');
  },
});

async function isComplete(file: string): Promise<boolean> {
  return JSON.parse(await readFile(file, 'utf8')).isComplete;
}

/** The ids of all rows and grants of somebody. */
async function holdingsOf({ dynamo: client, stack }: Scene, { tenant, subject }: Owner) {
  const idsIn = async (TableName: string): Promise<string[]> => {
    const ids: string[] = [];
    for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
      const own = Items.filter((item) => item.tenant?.S === tenant && item.subject?.S === subject);
      ids.push(...own.flatMap(({ id }) => id?.S ?? []));
    }
    return ids.toSorted();
  };
  return { rows: await idsIn(stack.table), grants: await idsIn(stack.grantsTable) };
}
