// A table of 0.1.0 with ten thousand rows is brought to the indexes of this version, and back, while people
// upload and list. Prints how long it took.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BatchWriteItemCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createClient } from '@sluice/client/client';
import { createUploader } from '@sluice/client/uploader';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { indexesAt, LAST_STEP } from '../../infra/migration/steps.ts';
import { STAGE } from '../../local/deploy.ts';
import { childEnvironment, localCredentials, region } from '../../local/environment.ts';
import { ownFolders, projectRoot } from '../../local/folders.ts';
import { toItem } from '../../src/lib/aws/ledger-item.ts';
import { toTenant } from '../../src/lib/upload/tenant.ts';
import { aRequest } from '../contract/ledger.contract.ts';
import { rootOf } from '../contract/root.ts';
import { startOwn, type TestStack } from '../setup/local-stack.ts';

const ROWS = 10_000;
const OWN_ROWS = 230;
const BATCH = 25;
const CSV = new File(['a,b\n1,2\n'], 'rows.csv', { type: 'text/csv' });

let stack: TestStack;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ stack, stop } = await startOwn(`migration-${process.pid}`, async () => ({
    parameters: { ledgerMigration: '0' },
  })));
}, 300_000);

afterAll(() => stop?.());

function setup() {
  const dynamo = new DynamoDBClient(rootOf(stack));
  const access = { endpoint: stack.apiUrl, token: stack.alice.idToken };
  const client = createClient(access);
  const uploader = createUploader(access);

  const listAll = async (query: { reference?: string } = {}): Promise<string[]> => {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.list({ ...query, limit: 100, ...(cursor !== undefined && { cursor }) });
      ids.push(...page.uploads.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor !== undefined);
    return ids;
  };

  return {
    listAll,
    upload: (reference: string) => uploader.upload(CSV, { reference }),
    indexes: async (): Promise<string[]> => {
      const { Table } = await dynamo.send(new DescribeTableCommand({ TableName: stack.table }));
      return (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName = '' }) => IndexName).toSorted();
    },
    /** Rows as 0.1.0 wrote them, some of them of the one who uploads; gives the ids of these. */
    fill: async (owner: { tenant: string; subject: string }): Promise<string[]> => {
      const rows = Array.from({ length: ROWS }, (_, at) =>
        aRequest({
          state: 'accepted',
          epoch: 1,
          createdAt: 1_700_000_000_000 + at,
          ...(at < OWN_ROWS ? owner : { tenant: `tenant-${at % 50}`, subject: `user-${at % 500}` }),
        }),
      );
      for (let at = 0; at < ROWS; at += BATCH) {
        const requests = rows.slice(at, at + BATCH).map((row) => {
          const { schema: _unknown, dueAt: _over, dueShard: _none, ...Item } = toItem(row, '0');
          return { PutRequest: { Item } };
        });
        await dynamo.send(new BatchWriteItemCommand({ RequestItems: { [stack.table]: requests } }));
      }
      return rows.slice(0, OWN_ROWS).map(({ id }) => id);
    },
  };
}

/** The command as a person runs it. */
async function migrate(...options: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['infra/migration/main.ts', '--stage', STAGE, '--settle', '1', ...options],
    {
      cwd: projectRoot,
      env: childEnvironment(ownFolders(), {
        AWS_ENDPOINT_URL: stack.endpoint,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
      }),
    },
  );
  return stdout;
}

test('a table of ten thousand rows is migrated, and back, while files are uploaded and listed', async () => {
  const { fill, upload, listAll, indexes } = setup();
  const first = await upload('before');
  const { tenant, subject } = ownerOf(stack.alice.idToken);
  const own = [first.id, ...(await fill({ tenant, subject })).toReversed()];
  expect(await listAll()).toEqual(own);

  let isOver = false;
  const uploaded: string[] = [];
  let lists = 0;
  const traffic = async () => {
    while (!isOver) {
      const { id, state } = await upload(`during ${uploaded.length}`);
      expect(state).toBe('accepted');
      uploaded.push(id);
      const listed = await listAll();
      lists += 1;
      expect(new Set(listed)).toEqual(new Set([...own, ...uploaded]));
      // Before and after, whichever index finds them.
      expect(await listAll({ reference: 'before' })).toEqual([first.id]);
    }
  };
  const running = traffic();
  running.catch(() => undefined);
  const began = performance.now();
  const seconds = () => ((performance.now() - began) / 1000).toFixed(1);

  expect(await migrate('--dry-run')).toContain('7 steps. Nothing was changed.');
  expect(await indexes()).toEqual(indexesAt(0).toSorted());
  expect(await migrate()).toContain(`Done: step ${LAST_STEP}.`);
  expect(await indexes()).toEqual(indexesAt(LAST_STEP).toSorted());
  const [there, before] = [seconds(), uploaded.length];
  expect(await migrate()).toContain(`Done: step ${LAST_STEP}.`);
  expect(await migrate('--back')).toContain('Done: the table is that of 0.1.0.');
  expect(await indexes()).toEqual(indexesAt(0).toSorted());
  isOver = true;
  await running;

  expect(await listAll()).toEqual([...uploaded.toReversed(), ...own]);
  console.log(
    `${ROWS} rows: there in ${there} s, and back in ${seconds()} s in all; meanwhile ${uploaded.length} uploads (${before} on the way there) and ${lists} lists of ${OWN_ROWS} rows and more, none failed`,
  );
}, 600_000);

/** Whose the uploads are of somebody with this token: the stage has no tenants but its users. */
function ownerOf(idToken: string) {
  const { sub } = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()) as {
    readonly sub: string;
  };
  return { tenant: toTenant(sub), subject: sub };
}
