import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DynamoDBClient, paginateScan, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { forEach } from '@sluice/connection/transfers/workers';
import type { Folders } from '../../local/folders.ts';
import { toItem, toUpload } from '../../src/lib/aws/ledger-item.ts';

/**
 * Makes all objects of a stopped local stack older. MiniStack keeps what it knows of an object in a file
 * beside it, and reads that when it starts.
 */
export async function ageObjects({ objects }: Pick<Folders, 'objects'>, ms: number): Promise<void> {
  const files = await readdir(objects, { recursive: true, withFileTypes: true });
  for (const file of files.filter(({ name }) => name.endsWith('.meta.json'))) {
    const path = join(file.parentPath, file.name);
    await writeFile(path, JSON.stringify(toOlder(JSON.parse(await readFile(path, 'utf8')), ms)));
  }
}

/** The same with every time of a modification so much earlier, those of older versions too. */
function toOlder(value: unknown, ms: number): unknown {
  if (Array.isArray(value)) return value.map((one) => toOlder(one, ms));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      name === 'last_modified' && typeof one === 'string' && one !== ''
        ? new Date(Date.parse(one) - ms).toISOString()
        : toOlder(one, ms),
    ]),
  );
}

/** Of a row, in milliseconds. */
const TIMES = ['createdAt', 'beginsAt', 'expiresAt', 'settledAt', 'dueAt', 'leaseEndsAt'];
const AT_ONCE = 10;

/** Makes all rows of the ledger older. */
export async function ageRows(client: DynamoDBClient, TableName: string, ms: number): Promise<void> {
  for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
    await forEach(Items, AT_ONCE, undefined, async (item) => {
      const { id } = item;
      if (id === undefined) return;
      const upload = toUpload(item);
      const { createdAtId } = toItem({ ...upload, createdAt: upload.createdAt - ms }, '0');
      const times = TIMES.flatMap((name) => {
        const was = item[name]?.N;
        return was === undefined ? [] : [[name, { N: String(Number(was) - ms) }] as const];
      });
      const all = Object.entries({ ...Object.fromEntries(times), ...(createdAtId && { createdAtId }) });
      await client.send(
        new UpdateItemCommand({
          TableName,
          Key: { id },
          UpdateExpression: `SET ${all.map(([name]) => `#${name} = :${name}`).join(', ')}`,
          ExpressionAttributeNames: Object.fromEntries(all.map(([name]) => [`#${name}`, name])),
          ExpressionAttributeValues: Object.fromEntries(all.map(([name, value]) => [`:${name}`, value])),
        }),
      );
    });
  }
}
