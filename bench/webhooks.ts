// From a verdict to the signed webhook at its receiver, on the deployed local stack: verdicts are written
// into the ledger as verification writes them, at an even rate, and each message that arrives is verified.
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Webhook } from 'standardwebhooks';
import { readService } from '../local/users.ts';
import { createLedger } from '../src/lib/aws/ledger.ts';
import { aRequest } from '../test/contract/ledger.contract.ts';
import { rootOf } from '../test/contract/root.ts';
import { startReceiver } from '../test/e2e/receiver.ts';
import { startOwn } from '../test/setup/local-stack.ts';
import { judge } from './verdict.ts';

const PER_MINUTE = Number(process.env.PER_MINUTE ?? 1_000);
const SECONDS = Number(process.env.SECONDS ?? 60);
const WARM_UP = 200;
const LATE_MS = 120_000;

const { stack, stop } = await startOwn(`bench-${process.pid}`);
try {
  const { tokenUrl, clientId, clientSecret } = await readService(stack);
  const granted = await fetch(tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = (await granted.json()) as { access_token: string };
  const arrivedAt = new Map<string, number>();
  const receiver = await startReceiver(({ id }, response) => {
    arrivedAt.set(id, performance.now());
    response.writeHead(204).end();
  });
  const added = await fetch(`${stack.apiUrl}/webhooks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: receiver.url }),
  });
  const { secret } = (await added.json()) as { secret: string };
  const ledger = createLedger(new DynamoDBClient(rootOf(stack)), stack.table, stack.grantsTable);

  const settledAt = new Map<string, number>();
  const settle = async () => {
    const now = Date.now();
    const row = aRequest({ createdAt: now, expiresAt: now + 900_000, dueAt: now + 4_500_000 });
    const { upload } = await ledger.record(row);
    const change = { settledAt: now, dueAt: null, servedType: 'image/jpeg' };
    const { moved } = await ledger.move(upload, 'accepted', change);
    if (!moved) throw new Error('the verdict was not written');
    settledAt.set(`${row.id}.accepted`, performance.now());
  };
  const settleAll = async (count: number, everyMs: number) => {
    const began = performance.now();
    const running: Promise<void>[] = [];
    for (let index = 0; index < count; index += 1) {
      await pause(Math.max(0, began + index * everyMs - performance.now()));
      running.push(settle());
    }
    await Promise.all(running);
    await receiver.until(() => [...settledAt.keys()].every((id) => arrivedAt.has(id)), LATE_MS);
  };

  await settleAll(WARM_UP, 60_000 / PER_MINUTE);
  settledAt.clear();
  const count = Math.round((PER_MINUTE * SECONDS) / 60);
  await settleAll(count, 60_000 / PER_MINUTE);

  const webhook = new Webhook(secret);
  for (const { body, headers } of receiver.received) webhook.verify(body, headers as Record<string, string>);
  const latencies = [...settledAt].map(([id, at]) => (arrivedAt.get(id) ?? Number.NaN) - at);
  const quantile = (values: readonly number[], share: number) =>
    values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
  const quarter = Math.floor(count / 4);
  const [first, last] = [latencies.slice(0, quarter), latencies.slice(-quarter)];
  const repeats = receiver.received.length - arrivedAt.size;
  console.log(
    `verdict → verified webhook: p50 ${quantile(latencies, 0.5).toFixed(0)} ms, ` +
      `p99 ${quantile(latencies, 0.99).toFixed(0)} ms, of ${count} at ${PER_MINUTE} a minute; ${repeats} repeats`,
  );
  for (const [name, some] of Object.entries({ first, last })) {
    const [p50, p99] = [quantile(some, 0.5), quantile(some, 0.99)];
    console.log(`  the ${name} quarter: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`);
  }
  receiver.stop();
  judge([
    {
      id: 'G13',
      what: 'from verdict to webhook, p99 in ms',
      value: quantile(latencies, 0.99),
      atMost: 2_000,
    },
    {
      id: 'G13',
      what: 'the last quarter against the first, p50 (more than 1 is a backlog)',
      value: quantile(last, 0.5) / quantile(first, 0.5),
      atMost: 1.5,
    },
  ]);
} finally {
  await stop();
}
