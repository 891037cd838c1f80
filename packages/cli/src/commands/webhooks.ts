import { type Api, createApi } from '@sluice/client/api';
import { EVENT_TYPES } from '@sluice/contract/event';
import type { Command } from '../command.ts';
import { Complaint, UsageError } from '../complaint.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { type Options, parse } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { findServiceTarget, findTarget } from '../target.ts';
import { printable, toAge, toColumns } from '../text.ts';
import type { World } from '../world.ts';

const OPTIONS = {
  type: {
    type: 'string',
    multiple: true,
    value: 'type',
    help: `of \`add\`: only these events, of ${EVENT_TYPES.join(', ')}; all when absent`,
  },
  signature: {
    type: 'string',
    multiple: true,
    value: 'kind',
    help: 'of `add`: only v1 (HMAC) or v1a (ed25519); both when absent',
  },
  failed: { type: 'boolean', help: 'of `attempts` and `redeliver`: what was given up, all of it' },
} as const satisfies Options;

type Webhook = {
  readonly id: string;
  readonly url: string;
  readonly types: readonly string[];
  readonly enabled: boolean;
  readonly isGone?: boolean;
  readonly version: number;
  readonly previousUntil?: string;
  readonly pausedUntil?: string;
  readonly secret?: string;
  readonly publicKey?: string;
};

type Delivery = {
  readonly event: string;
  readonly type: string;
  readonly state: string;
  readonly createdAt: string;
  readonly nextAttemptAt?: string;
  readonly reason?: string;
  readonly attempts: readonly {
    readonly at: string;
    readonly ms: number;
    readonly status?: number;
    readonly error?: string;
  }[];
};

type Job = {
  readonly world: World;
  readonly api: Api;
  readonly words: readonly string[];
  readonly values: {
    readonly json?: boolean | undefined;
    readonly type?: readonly string[] | undefined;
    readonly signature?: readonly string[] | undefined;
    readonly failed?: boolean | undefined;
  };
};

const JOBS: Readonly<Record<string, (job: Job) => Promise<ExitCode>>> = {
  add,
  list,
  remove,
  enable,
  test: sendTest,
  rotate,
  attempts,
  redeliver,
};

export const webhooks: Command = {
  name: 'webhooks',
  summary: 'manage the addresses that are told of events, as a service',
  usage: '<add|list|remove|enable|test|rotate|attempts|redeliver> [id] [event] [options]',
  details:
    '`add <url>` shows the secret once; `rotate <id>` makes another, and the old one stays good for a day.\n' +
    '`attempts <id>` tells what became of each event, `redeliver <id> <event>` sends one again.\n' +
    'The service is that of SLUICE_CLIENT_ID, or the one that the local stack has; it needs the scope webhooks.',
  options: OPTIONS,
  examples: [
    ['sluice webhooks add https://app.example.com/hooks/sluice', 'adds an address, and shows its secret'],
    ['sluice webhooks test <id>', 'sends a message, and tells what was answered'],
    ['sluice webhooks attempts <id> --failed', 'lists what was given up'],
    ['sluice webhooks redeliver <id> --failed', 'sends all of that again'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parse(argv, OPTIONS);
    const [word = '', ...words] = positionals;
    const job = Object.hasOwn(JOBS, word) ? JOBS[word] : undefined;
    if (job === undefined) {
      throw new UsageError(
        word === ''
          ? `What about webhooks? One of ${Object.keys(JOBS).join(', ')}.`
          : `There is no \`webhooks ${printable(word)}\`.`,
      );
    }
    const hasToken = values.token !== undefined || Boolean(world.env.SLUICE_TOKEN);
    const target = await (hasToken ? findTarget(values, world) : findServiceTarget(values, world));
    return job({ world, api: createApi({ ...target, timing: world.timing }), words, values });
  },
};

async function add({ world, api, words, values }: Job): Promise<ExitCode> {
  const [url] = take(words, 1, 'Which address? `sluice webhooks add https://…`.');
  const body = {
    url,
    ...(values.type && { types: values.type }),
    ...(values.signature && { signatures: values.signature }),
  };
  const webhook = toWebhook(await api({ method: 'POST', path: '/webhooks', body, signal: world.signal }));
  printWithSecrets(world, values.json, webhook);
  return EXIT.ok;
}

async function list({ world, api, words, values }: Job): Promise<ExitCode> {
  take(words, 0, '`webhooks list` takes no name.');
  const webhooks = await readAll(api, world);
  if (values.json) {
    printJson(world.stdout, { webhooks });
    return EXIT.ok;
  }
  if (webhooks.length === 0) {
    printLine(world.stderr, 'There are none.');
    return EXIT.ok;
  }
  const rows = webhooks.map((webhook) =>
    [webhook.id, stateOf(webhook), typesOf(webhook), webhook.url].map(printable),
  );
  for (const line of toColumns([['ID', 'STATE', 'TYPES', 'URL'], ...rows])) printLine(world.stdout, line);
  return EXIT.ok;
}

async function remove({ world, api, words, values }: Job): Promise<ExitCode> {
  const [id] = take(words, 1, 'Which one? `sluice webhooks list` shows them.');
  await api({ method: 'DELETE', path: pathOf(id), signal: world.signal });
  if (values.json) printJson(world.stdout, { id, removed: true });
  else printLine(world.stdout, `${printable(id)}  removed`);
  return EXIT.ok;
}

async function enable({ world, api, words, values }: Job): Promise<ExitCode> {
  const [id] = take(words, 1, 'Which one? `sluice webhooks list` shows them.');
  const answer = await api({ method: 'POST', path: `${pathOf(id)}/enable`, signal: world.signal });
  if (values.json) printJson(world.stdout, answer);
  else printLine(world.stdout, `${printable(id)}  enabled`);
  return EXIT.ok;
}

async function rotate({ world, api, words, values }: Job): Promise<ExitCode> {
  const [id] = take(words, 1, 'Which one? `sluice webhooks list` shows them.');
  const found = (await readAll(api, world)).find((webhook) => webhook.id === id);
  if (found === undefined)
    throw new Complaint('There is no such webhook.', '`sluice webhooks list` shows them.');
  // The version makes a repeated request harmless: a second rotation would end the secret that is in use.
  const body = { version: found.version };
  const answer = await api({ method: 'POST', path: `${pathOf(id)}/rotate`, body, signal: world.signal });
  const webhook = toWebhook(answer);
  printWithSecrets(world, values.json, webhook);
  if (!values.json && webhook.previousUntil !== undefined) {
    printLine(world.stderr, `Everything is signed with the old one as well until ${webhook.previousUntil}.`);
  }
  return EXIT.ok;
}

const TEST_WAIT_MS = 20_000;
const TEST_STEP_MS = 500;

async function sendTest({ world, api, words, values }: Job): Promise<ExitCode> {
  const [id] = take(words, 1, 'Which one? `sluice webhooks list` shows them.');
  const sent = toDelivery(await api({ method: 'POST', path: `${pathOf(id)}/test`, signal: world.signal }));
  let delivery = sent;
  for (let waited = 0; waited < TEST_WAIT_MS && delivery.attempts.length === 0; waited += TEST_STEP_MS) {
    await world.timing.sleep(TEST_STEP_MS, world.signal);
    const { deliveries } = await readDeliveries(api, world, { id, limit: 20 });
    delivery = deliveries.find(({ event }) => event === sent.event) ?? delivery;
  }
  if (values.json) printJson(world.stdout, delivery);
  else printLine(world.stdout, `${printable(delivery.event)}  ${toOutcome(delivery)}`);
  return delivery.state === 'delivered' ? EXIT.ok : EXIT.failed;
}

async function attempts({ world, api, words, values }: Job): Promise<ExitCode> {
  const [id] = take(words, 1, 'Of which one? `sluice webhooks list` shows them.');
  const deliveries = values.failed
    ? await readFailed(api, world, id)
    : (await readDeliveries(api, world, { id, limit: 50 })).deliveries;
  if (values.json) {
    printJson(world.stdout, { deliveries });
    return EXIT.ok;
  }
  if (deliveries.length === 0) {
    printLine(world.stderr, 'There are none.');
    return EXIT.ok;
  }
  const now = world.timing.now();
  const rows = deliveries.map((delivery) =>
    [delivery.event, toAge(delivery.createdAt, now), toOutcome(delivery)].map(printable),
  );
  for (const line of toColumns([['EVENT', 'MADE', 'OUTCOME'], ...rows])) printLine(world.stdout, line);
  return EXIT.ok;
}

async function redeliver({ world, api, words, values }: Job): Promise<ExitCode> {
  const isOne = !values.failed;
  const [id, event] = take(
    words,
    isOne ? 2 : 1,
    'Which one of which? `sluice webhooks redeliver <id> <event>`.',
  );
  const events = isOne ? [event ?? ''] : (await readFailed(api, world, id)).map((one) => one.event);
  for (const one of events) {
    const body = { event: one };
    await api({ method: 'POST', path: `${pathOf(id)}/redeliver`, body, signal: world.signal });
    if (!values.json) printLine(world.stdout, `${printable(one)}  on its way`);
  }
  if (values.json) printJson(world.stdout, { events });
  else if (events.length === 0) printLine(world.stderr, 'There are none.');
  return EXIT.ok;
}

async function readAll(api: Api, world: World): Promise<readonly Webhook[]> {
  const answer = await api({ method: 'GET', path: '/webhooks', signal: world.signal });
  return (answer as { readonly webhooks: readonly Webhook[] }).webhooks;
}

type Page = { readonly deliveries: readonly Delivery[]; readonly cursor?: string };

async function readDeliveries(
  api: Api,
  world: World,
  { id, ...query }: { readonly id: string; readonly limit: number; readonly cursor?: string },
): Promise<Page> {
  const path = `${pathOf(id)}/deliveries`;
  return (await api({ method: 'GET', path, query, signal: world.signal })) as Page;
}

async function readFailed(api: Api, world: World, id: string): Promise<Delivery[]> {
  const failed: Delivery[] = [];
  let cursor: string | undefined;
  do {
    const page = await readDeliveries(api, world, {
      id,
      limit: 100,
      ...(cursor !== undefined && { cursor }),
    });
    failed.push(...page.deliveries.filter(({ state }) => state === 'failed'));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return failed;
}

/** The words that a job takes, all of them. */
function take(words: readonly string[], count: number, hint: string): readonly [string, ...string[]] {
  const [first = '', ...rest] = words;
  if (words.length !== count) throw new UsageError(hint);
  return [first, ...rest];
}

function pathOf(id: string): string {
  if (!/^[\w-]{1,128}$/.test(id)) throw new UsageError('That is not the id of a webhook.');
  return `/webhooks/${id}`;
}

function toWebhook(answer: unknown): Webhook {
  return answer as Webhook;
}

function toDelivery(answer: unknown): Delivery {
  return answer as Delivery;
}

function printWithSecrets(world: World, isJson: boolean | undefined, webhook: Webhook): void {
  if (isJson) {
    printJson(world.stdout, webhook);
    return;
  }
  const { id, secret, publicKey } = webhook;
  printLine(world.stdout, `id          ${printable(id)}`);
  if (secret !== undefined) printLine(world.stdout, `secret      ${secret}`);
  if (publicKey !== undefined) printLine(world.stdout, `public key  ${publicKey}`);
  if (secret !== undefined) printLine(world.stderr, 'Keep the secret now: it is not shown again.');
}

function stateOf({ enabled, isGone, pausedUntil }: Webhook): string {
  if (!enabled) return isGone ? 'disabled: it answered 410' : 'disabled';
  return pausedUntil === undefined ? 'enabled' : `paused until ${pausedUntil}`;
}

function typesOf({ types }: Webhook): string {
  return types.length === EVENT_TYPES.length ? 'all' : types.join(' ');
}

function toOutcome({ state, reason, attempts: made, nextAttemptAt }: Delivery): string {
  const last = made.at(-1);
  const answered = last === undefined ? 'not tried yet' : `${last.status ?? last.error}, ${last.ms} ms`;
  const times = made.length > 1 ? `, ${made.length} attempts` : '';
  const next = nextAttemptAt === undefined || last === undefined ? '' : `, again ${nextAttemptAt}`;
  return `${state}${reason === undefined ? '' : ` (${reason})`}: ${answered}${times}${next}`;
}
