// Each accepted file becomes one row of the app's, whatever fails on the way: on a local stack of its own,
// with the backend of examples/ as the receiver. First the receiver fails, is down, and is killed; then the
// publisher is killed and throttled as well.
//
//   npm run proof:webhooks [-- uploads [seed]]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { createClient } from '@sluice/client/client';
import { clientCredentials } from '@sluice/client/node';
import { createUploader } from '@sluice/client/uploader';
import { findFreePort } from '../../local/port.ts';
import { type PoolStack, readPoolStack } from '../../local/stack.ts';
import { createUser, demoUser, logIn, readService } from '../../local/users.ts';
import { readWebhookSecret } from '../../local/webhook.ts';
import { createLedger } from '../../src/lib/aws/ledger.ts';
import { aRequest } from '../contract/ledger.contract.ts';
import { rootOf } from '../contract/root.ts';
import { startStack } from '../setup/local-stack.ts';
import { startBackend } from './backend.ts';
import { startBadWay, throttled, troubled } from './bad-way.ts';
import { startPublisher } from './publisher.ts';
import { createRandom } from './random.ts';

export type Wish = {
  /** of each of the two rounds */
  readonly uploads: number;
  /**
   * how many of them are sent, verified and accepted; the verdicts of the others are written into the ledger
   */
  readonly sent: number;
  readonly seed: number;
  /** how long the receiver is down in one go */
  readonly downMs: number;
  /** whether some answers make Sluice pause the endpoint, which takes minutes */
  readonly canPause: boolean;
  readonly patienceMs: number;
  readonly say: (text: string) => void;
};

/** What came of a round. */
export type Round = {
  readonly name: string;
  readonly uploads: number;
  readonly rows: number;
  readonly missing: readonly string[];
  readonly unknown: readonly string[];
  readonly seconds: number;
  /** how often the receiver was asked, and with what result */
  readonly answers: Readonly<Record<string, number>>;
  readonly receiverKills: number;
  /** given up after ten attempts, and sent again as `sluice webhooks redeliver --failed` does */
  readonly redelivered: number;
  readonly publisher?: Readonly<Record<string, number>>;
};

type Delivery = { readonly event: string; readonly state: string };
type Page = { readonly deliveries: readonly Delivery[]; readonly cursor?: string };

/** Three days of the schedule in a minute and a half. */
const SPEED = 3_000;
const KILL_EVERY_MS = [4_000, 12_000] as const;
/** The first one soon; the others seldom enough that a batch ends now and then. */
const PUBLISHER_KILL_WITHIN_MS = [200, 4_000] as const;
const SWEEP_EVERY_MS = 5_000;

/** Makes both rounds on a stack of its own. */
export async function proveExactlyOnce(wish: Wish): Promise<readonly Round[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-proof-'));
  const [wayPort, port] = [await findFreePort(), await findFreePort()];
  const parameters = { webhookRetrySpeed: String(SPEED) };
  const { stack, stop } = await startStack(
    `proof-${process.pid}`,
    async () => ({ webhook: `http://localhost:${wayPort}/hook`, parameters }),
    readPoolStack,
  );
  try {
    const service = await readService(stack);
    const secret = await readWebhookSecret(stack, service);
    if (secret === undefined) throw new Error('the secret of the webhook was rotated');
    const backend = startBackend({ port, database: join(folder, 'files.db'), secret });
    try {
      const random = createRandom(wish.seed);
      const world = { stack, wayPort, port, backend, random, wish, token: clientCredentials(service) };
      const first = await makeRound('the receiver fails', world);
      const second = await makeRound(
        'the receiver fails, and the publisher is killed and throttled',
        world,
        true,
      );
      return [first, second];
    } finally {
      await backend.kill();
    }
  } finally {
    await stop();
    await rm(folder, { recursive: true, force: true });
  }
}

type Setting = {
  readonly stack: PoolStack;
  readonly wayPort: number;
  readonly port: number;
  readonly backend: ReturnType<typeof startBackend>;
  readonly random: () => number;
  readonly wish: Wish;
  readonly token: () => Promise<string>;
};

async function makeRound(name: string, setting: Setting, hasBadPublisher = false): Promise<Round> {
  const { stack, wayPort, port, backend, random, wish } = setting;
  const began = performance.now();
  const killsBefore = backend.kills();
  const { treat, counts } = troubled(random, wish.canPause);
  const way = await startBadWay(wayPort, `http://127.0.0.1:${port}`, treat);
  const publisher = hasBadPublisher ? await startBadPublisher(stack, random) : undefined;
  const trouble = new AbortController();
  const troubles = [
    killReceiver(setting, trouble.signal),
    repeat(
      trouble.signal,
      () => SWEEP_EVERY_MS,
      () => sweep(stack),
    ),
    ...(publisher
      ? [
          repeat(
            trouble.signal,
            () => random() * PUBLISHER_KILL_WITHIN_MS[publisher.figures().killed === 0 ? 0 : 1],
            async () => publisher.kill(),
          ),
        ]
      : []),
  ];
  try {
    const known = new Set(backend.ids());
    const ids = await settleAll(setting);
    wish.say(`${name}: ${ids.length} accepted after ${seconds(began)} s`);
    const redelivered = await untilSettled(setting, ids);
    const rows = backend.ids().filter((id) => !known.has(id));
    const [wanted, found] = [new Set(ids), new Set(rows)];
    const round = {
      name,
      uploads: ids.length,
      rows: rows.length,
      missing: ids.filter((id) => !found.has(id)),
      unknown: rows.filter((id) => !wanted.has(id)),
      seconds: seconds(began),
      answers: Object.fromEntries(counts),
      receiverKills: backend.kills() - killsBefore,
      redelivered,
      ...(publisher && { publisher: publisher.figures() }),
    };
    wish.say(JSON.stringify(round, undefined, 2));
    return round;
  } finally {
    trouble.abort();
    await Promise.all(troubles);
    await publisher?.stop();
    way.stop();
  }
}

function seconds(began: number): number {
  return Math.round((performance.now() - began) / 1_000);
}

async function startBadPublisher(stack: PoolStack, random: () => number) {
  const bus = throttled(random);
  const way = await startBadWay(0, stack.endpoint, bus.treat);
  const publisher = await startPublisher(stack, way.url);
  return {
    kill: publisher.kill,
    figures: () => ({
      ...publisher.figures,
      ...bus.figures,
      eventsOnTheBus: [...bus.taken.values()].reduce((sum, times) => sum + times, 0),
      eventsTakenTwice: [...bus.taken.values()].filter((times) => times > 1).length,
    }),
    stop: async () => {
      await publisher.stop();
      way.stop();
    },
  };
}

/** Does something again and again, until it is told to stop. */
async function repeat(signal: AbortSignal, pauseMs: () => number, work: () => Promise<unknown>) {
  while (!signal.aborted) {
    await delay(pauseMs(), undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await work();
  }
}

/** Kills the receiver at random, and leaves it down for a while once. */
async function killReceiver({ backend, random, wish }: Setting, signal: AbortSignal): Promise<void> {
  const [least, most] = KILL_EVERY_MS;
  let turn = 0;
  await repeat(
    signal,
    () => least + random() * (most - least),
    async () => {
      await backend.kill();
      turn += 1;
      if (turn === 2) await delay(wish.downMs, undefined, { signal }).catch(() => undefined);
      backend.start();
    },
  );
}

/** What its schedule does each minute. */
async function sweep(stack: PoolStack): Promise<void> {
  await new LambdaClient(rootOf(stack)).send(
    new InvokeCommand({ FunctionName: `${stack.stackName}-retry-webhooks`, InvocationType: 'Event' }),
  );
}

/** Uploads that are accepted: some from their request on, the others by their verdict in the ledger. */
async function settleAll({ stack, wish }: Setting): Promise<readonly string[]> {
  await createUser(stack, demoUser);
  const caller = { endpoint: stack.apiUrl, token: (await logIn(stack, demoUser)).idToken };
  const [uploader, client] = [createUploader(caller), createClient(caller)];
  const send = async (index: number) => {
    const file = new Blob([`name,size\nphoto,${index}\n`], { type: 'text/csv' });
    const { id } = await uploader.send(file, { filename: `sent-${index}.csv`, contentType: 'text/csv' });
    const { state } = await client.wait(id);
    if (state !== 'accepted') throw new Error(`upload ${id} was ${state}`);
    return id;
  };
  const ledger = createLedger(new DynamoDBClient(rootOf(stack)), stack.table, stack.grantsTable);
  const settle = async () => {
    const now = Date.now();
    const row = aRequest({ createdAt: now, expiresAt: now + 900_000, dueAt: now + 4_500_000 });
    const { upload } = await ledger.record(row);
    const { moved } = await ledger.move(upload, 'accepted', {
      settledAt: now,
      dueAt: null,
      servedType: 'image/jpeg',
    });
    if (!moved) throw new Error('the verdict was not written');
    return row.id;
  };
  const ids = await Promise.all([
    inTurns(wish.sent, 4, send),
    inTurns(wish.uploads - wish.sent, 4, () => settle()),
  ]);
  return ids.flat();
}

async function inTurns<T>(count: number, atOnce: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < count; index = next++) results.push(await work(index));
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}

/** Waits until nothing is pending, and sends again what was given up. Returns how many those were. */
async function untilSettled(setting: Setting, ids: readonly string[]): Promise<number> {
  const { wish } = setting;
  const until = Date.now() + wish.patienceMs;
  let redelivered = 0;
  for (;;) {
    const deliveries = await readDeliveries(setting);
    const states = new Map(deliveries.map(({ event, state }) => [event, state]));
    const open = ids.filter((id) => states.get(`${id}.accepted`) !== 'delivered');
    if (open.length === 0) return redelivered;
    if (Date.now() > until) {
      const shown = open.slice(0, 5).map((id) => `${id}: ${states.get(`${id}.accepted`) ?? 'no delivery'}`);
      throw new Error(`${open.length} events are still on their way:\n${shown.join('\n')}`);
    }
    wish.say(`  ${open.length} of ${ids.length} are not delivered yet`);
    for (const id of open.filter((one) => states.get(`${one}.accepted`) === 'failed')) {
      const event = `${id}.accepted`;
      await call(setting, 'POST', '/webhooks/deployment/redeliver', { event });
      redelivered += 1;
    }
    await delay(Math.min(5_000, 1_000 + ids.length * 10));
  }
}

async function readDeliveries(setting: Setting): Promise<readonly Delivery[]> {
  const all: Delivery[] = [];
  let cursor: string | undefined;
  do {
    const query = `limit=100${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const page: Page = await call(setting, 'GET', `/webhooks/deployment/deliveries?${query}`);
    all.push(...page.deliveries);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}

async function call<T>({ stack, token }: Setting, method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${stack.apiUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
