// Somebody has deleted the ledger's table and that of grants, protection or not.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CreateBackupCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ListTablesCommand,
  paginateScan,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { countsOf } from './command.ts';
import { createDrill } from './drill.ts';

const NEIGHBOURS = 40;
const ARRIVING = 10;

const RESTORE = 'npm run restore-table -- --stage prod';
const REPAIR = 'npx sluice admin reconcile --repair --stage prod';
const REDRIVE = 'npx sluice admin redrive arrivals --stage prod';

export const lostTable = createDrill({
  name: 'lost-table',
  title: 'the tables of the ledger and of the grants were deleted',
  symptom: 'A table is gone',
  commands: [RESTORE, REPAIR, REDRIVE],
  wishes: {}, // nobody else can be on this stack

  trouble: async ({ dynamo, stack, service, send, until }) => {
    const before = await send({ tenant: 'drills', subject: 'before' }, NEIGHBOURS);
    await until(before, 'accepted');
    // Their files come while there is no table.
    const requested = await Promise.all(
      Array.from({ length: ARRIVING }, () =>
        service.request({
          filename: 'late.csv',
          contentType: 'text/csv',
          policy: 'data',
          size: 4,
          owner: { tenant: 'drills', subject: 'late' },
        }),
      ),
    );
    for (const TableName of [stack.table, stack.grantsTable]) {
      // As DynamoDB does it, which the local one does not: by this name, at the deletion.
      const BackupName = `${TableName}$DeletedTableBackup`;
      await dynamo.send(new CreateBackupCommand({ TableName, BackupName }));
      await dynamo.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
      await dynamo.send(new DeleteTableCommand({ TableName }));
    }
    await assert.rejects(service.status(before[0] ?? ''));
    for (const { put } of requested) {
      if (put === undefined) throw new Error('it is sent by one PUT');
      const { ok } = await fetch(put.url, { method: 'PUT', headers: put.headers, body: 'a,b\n' });
      assert.ok(ok);
    }
    return { before, late: requested.map(({ id }) => id) };
  },

  cure: async ({ run }) => {
    const { out } = await run(RESTORE);
    assert.match(out, /Done: every table is there/);
    countsOf(await run(REPAIR));
    await run(REDRIVE);
  },

  proof: async ({ dynamo, stack, send, until, read }, { before, late }) => {
    const after = await send({ tenant: 'drills', subject: 'after' }, NEIGHBOURS);
    await until([...late, ...after], 'accepted');
    assert.ok((await read(before)).every(({ state }) => state === 'accepted'));
    const { Table } = await dynamo.send(new DescribeTableCommand({ TableName: stack.table }));
    assert.equal(Table?.StreamSpecification?.StreamViewType, 'NEW_AND_OLD_IMAGES');
    assert.equal(Table?.DeletionProtectionEnabled, true);
    for (const TableName of [stack.table, stack.grantsTable]) {
      const { TimeToLiveDescription } = await dynamo.send(new DescribeTimeToLiveCommand({ TableName }));
      assert.equal(TimeToLiveDescription?.AttributeName, 'forgetAt');
      const { ContinuousBackupsDescription } = await dynamo.send(
        new DescribeContinuousBackupsCommand({ TableName }),
      );
      const recovery = ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
      assert.equal(recovery?.PointInTimeRecoveryStatus, 'ENABLED');
    }
    // Everybody is told of all of them, of those that arrived meanwhile, too.
    const wanted = [...before, ...late, ...after].map((id) => `${id}.accepted`);
    let untold: readonly string[] = wanted;
    for (const end = Date.now() + 60_000; untold.length > 0 && Date.now() < end; await delay(1_000)) {
      const told = await readFeed(dynamo);
      untold = wanted.filter((id) => !told.has(id));
    }
    assert.deepEqual(untold, []);
  },
});

/** The ids of all events in the feed. */
async function readFeed(dynamo: DynamoDBClient): Promise<Set<string>> {
  const { TableNames = [] } = await dynamo.send(new ListTablesCommand({}));
  const TableName = TableNames.find((name) => name.includes('EventTable'));
  const ids = new Set<string>();
  for await (const { Items = [] } of paginateScan({ client: dynamo }, { TableName })) {
    for (const { event } of Items) ids.add(JSON.parse(event?.S ?? '{}').id);
  }
  return ids;
}
