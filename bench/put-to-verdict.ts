// From the end of a PUT to its verdict, on the deployed local stack, beside a chain of the same parts that
// only copies. Both are looked at the same way: by asking for the outcome every few milliseconds.
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { rootOf } from '../test/contract/root.ts';
import { startOwn } from '../test/setup/local-stack.ts';
import { deployPeer } from './put-to-verdict/peer.ts';
import { judge } from './verdict.ts';

const FILES = Number(process.env.FILES ?? 200);
const WARM_UP = 10;
const LOOK_EVERY_MS = 5;
const CSV = new TextEncoder().encode('name,size\nphoto,3\n');

type Requested = {
  readonly id: string;
  readonly put: { readonly url: string; readonly headers: Record<string, string> };
};

const { stack, stop } = await startOwn(`bench-${process.pid}`);
try {
  const peer = await deployPeer(stack);
  const s3 = new S3Client(rootOf(stack));
  const ledger = new DynamoDBClient(rootOf(stack));

  const waitFor = async (isThere: () => Promise<boolean>, since: number): Promise<number> => {
    while (!(await isThere())) await pause(LOOK_EVERY_MS);
    return performance.now() - since;
  };

  /** Sluice: the row says what the verdict is. */
  const verdict = async (): Promise<number> => {
    const asked = await fetch(`${stack.apiUrl}/uploads`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.alice.idToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ filename: 'rows.csv', contentType: 'text/csv', size: CSV.length }),
    });
    if (asked.status !== 201) throw new Error(`the request was answered by ${asked.status}`);
    const { id, put } = (await asked.json()) as Requested;
    const { 'content-length': _, ...headers } = put.headers;
    const { status } = await fetch(put.url, { method: 'PUT', headers, body: CSV });
    if (status !== 200) throw new Error(`the PUT was answered by ${status}`);
    const key = { TableName: stack.table, Key: { id: { S: id } }, ProjectionExpression: '#state' };
    const names = { ExpressionAttributeNames: { '#state': 'state' } };
    return waitFor(async () => {
      const { Item } = await ledger.send(new GetItemCommand({ ...key, ...names }));
      return Item?.state?.S === 'accepted';
    }, performance.now());
  };

  /** The peer: the copy is there. */
  let copies = 0;
  const copy = async (): Promise<number> => {
    copies += 1;
    const Key = `rows-${copies}.csv`;
    await s3.send(new PutObjectCommand({ Bucket: peer.arrivals, Key, Body: CSV }));
    return waitFor(
      () =>
        s3.send(new HeadObjectCommand({ Bucket: peer.copies, Key })).then(
          () => true,
          () => false,
        ),
      performance.now(),
    );
  };

  const sides = { 'put → verdict': verdict, 'put → copy': copy };
  const samples = new Map(Object.keys(sides).map((name) => [name, [] as number[]]));
  for (let file = -WARM_UP; file < FILES; file += 1) {
    const turn = Object.entries(sides);
    for (const [name, run] of file % 2 === 0 ? turn : turn.toReversed()) {
      const ms = await run();
      if (file >= 0) samples.get(name)?.push(ms);
    }
  }

  const quantile = (name: string, share: number): number => {
    const sorted = (samples.get(name) ?? []).toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  };
  for (const name of samples.keys()) {
    const [p50, p99] = [quantile(name, 0.5), quantile(name, 0.99)];
    console.log(`${name}: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, of ${FILES} files`);
  }
  const ratio = (share: number) => quantile('put → verdict', share) / quantile('put → copy', share);
  judge([
    { id: 'G11', what: 'from put to verdict against a bare copy, p50', value: ratio(0.5), atMost: 1.3 },
    { id: 'G11', what: 'the same, p99', value: ratio(0.99), atMost: 1.5 },
  ]);
} finally {
  await stop();
}
