import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { UploadEvent } from '@sluice/contract/event';
import { createWebhookSigner, toWebhookSecret, type WebhookSigner } from '@sluice/contract/webhook-signature';
import type { Command } from '../command.ts';
import { Complaint, UsageError } from '../complaint.ts';
import { openFeed, parseTypes, readEvents } from '../events/feed.ts';
import { forward } from '../events/forward.ts';
import { EVENT_OPTIONS, parseTime, STACK_OPTIONS } from '../events/options.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { GLOBAL_OPTIONS, type Options, parse } from '../options.ts';
import { paint, printJson, printLine } from '../print.ts';
import { findStack } from '../stack.ts';
import { connect } from '../storage/connect.ts';
import { printable } from '../text.ts';
import type { World } from '../world.ts';

const LIST_OPTIONS = {
  ...EVENT_OPTIONS,
  follow: { type: 'boolean', short: 'f', help: 'list: go on with what happens' },
} as const satisfies Options;

const REPLAY_OPTIONS = {
  ...EVENT_OPTIONS,
  ...STACK_OPTIONS,
  until: { type: 'string', value: 'time', help: 'replay: to when; now when absent' },
  rule: {
    type: 'string',
    multiple: true,
    value: 'name',
    help: 'replay: only to this rule of the bus (repeatable); to all of them when absent',
  },
  'dry-run': { type: 'boolean', help: 'replay, redrive: only count' },
} as const satisfies Options;

const REDRIVE_OPTIONS = {
  ...STACK_OPTIONS,
  'dry-run': REPLAY_OPTIONS['dry-run'],
} as const satisfies Options;

const LISTEN_OPTIONS = {
  ...EVENT_OPTIONS,
  forward: { type: 'string', value: 'url', help: 'listen: where to, such as http://localhost:3000/hook' },
  secret: { type: 'string', value: 'whsec_…', help: 'listen: what to sign with; a new one when absent' },
} as const satisfies Options;

const OPTIONS = { ...LIST_OPTIONS, ...REPLAY_OPTIONS, ...LISTEN_OPTIONS } as const satisfies Options;

const FAMILY: Readonly<Record<string, (argv: readonly string[], world: World) => Promise<ExitCode>>> = {
  list: listEvents,
  listen,
  replay,
  redrive,
};

export const events: Command = {
  name: 'events',
  summary: 'list what happened to uploads, forward it, replay it',
  usage: 'list | listen | replay | redrive [options]',
  details:
    'list      what happened, oldest first; in the last 24 hours unless --since says otherwise\n' +
    'listen    forwards each event to an address of yours, as a signed webhook\n' +
    'replay    has EventBridge send the events of its archive again, with the same ids\n' +
    'redrive   sends again what waits in the dead-letter queue of events\n\n' +
    'list and listen read the API as a service: that of SLUICE_CLIENT_ID, or the one that the local stack has. replay and\n' +
    'redrive act on AWS itself, with the keys of your environment. list --json writes a line for each event.',
  options: OPTIONS,
  examples: [
    ['sluice events list --since 2h', 'lists the last two hours'],
    ['sluice events list --follow --json | jq -r .subject', 'gives the id of each upload as it is settled'],
    [
      'sluice events listen --forward http://localhost:3000/hook',
      'brings events to the app that you are writing',
    ],
    ['sluice events replay --since 2026-11-20 --dry-run', 'counts what would be sent again'],
    ['sluice events replay --since 3h --rule invoices --stack sluice-prod', 'sends it again, to one rule'],
    ['sluice events redrive --stack sluice-prod', 'sends again what could not be published'],
  ],
  run: async (argv, world) => {
    const { tokens } = parseArgs({
      args: [...argv],
      options: { ...GLOBAL_OPTIONS, ...OPTIONS },
      strict: false,
      tokens: true,
    });
    const word = tokens.find((token) => token.kind === 'positional');
    const run = FAMILY[word?.value ?? ''];
    if (word === undefined || run === undefined) {
      throw new UsageError(`\`events\` is followed by one of ${Object.keys(FAMILY).join(', ')}.`);
    }
    return await run(argv.toSpliced(word.index, 1), world);
  },
};

const DAY_MS = 86_400_000;

async function listEvents(argv: readonly string[], world: World): Promise<ExitCode> {
  const values = parseAlone(argv, LIST_OPTIONS);
  const now = world.timing.now();
  const since = values.since === undefined ? new Date(now - DAY_MS) : parseTime('since', values.since, now);
  const query = { since, types: parseTypes(values.type), follow: values.follow === true };
  const api = await openFeed(values, world);
  let count = 0;
  for await (const event of readEvents(api, query, world)) {
    count += 1;
    if (values.json) printJson(world.stdout, event);
    else printLine(world.stdout, toLine(event));
  }
  if (count === 0 && !values.json) printLine(world.stderr, 'There are none.');
  return EXIT.ok;
}

function toLine({ time, type, subject, data }: UploadEvent): string {
  const why = data.reason === undefined ? '' : `  (${data.reason})`;
  return [time, type.padEnd('upload.readers_changed'.length), subject, `${data.filename}${why}`]
    .map(printable)
    .join('  ');
}

const PAUSES_MS = [1_000, 2_000, 5_000, 10_000, 30_000] as const;
/** What answers with an error is tried so often, and then left. */
const TRIES = 3;

async function listen(argv: readonly string[], world: World): Promise<ExitCode> {
  const values = parseAlone(argv, LISTEN_OPTIONS);
  const { forward: url } = values;
  if (url === undefined || !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new UsageError('`listen` needs --forward with an address, such as http://localhost:3000/hook.');
  }
  const secret = values.secret ?? toWebhookSecret(randomBytes(32));
  const signer = toSigner(secret);
  const now = world.timing.now();
  const since = parseTime('since', values.since ?? '0s', now);
  const api = await openFeed(values, world);
  if (values.json) printJson(world.stdout, { secret, forward: url });
  else {
    printLine(world.stdout, `Events go to ${printable(url)} from now on, until Ctrl-C.`);
    printLine(world.stdout, `They are signed with ${secret}`);
  }
  for await (const event of readEvents(api, { since, types: parseTypes(values.type), follow: true }, world)) {
    await bring({ event, url, signer, json: values.json === true }, world);
  }
  return EXIT.ok;
}

function toSigner(secret: string): WebhookSigner {
  try {
    return createWebhookSigner(secret);
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(`--secret: ${error.message}`) : error;
  }
}

type Delivery = {
  readonly event: UploadEvent;
  readonly url: string;
  readonly signer: WebhookSigner;
  readonly json: boolean;
};

/** Waits for a receiver that is not there; leaves an event that it does not take. */
async function bring({ event, url, signer, json }: Delivery, world: World): Promise<void> {
  for (let refused = 0, tries = 0; ; tries += 1) {
    const result = await forward(url, event, signer, world);
    const isTaken = result.kind === 'answered' && result.status >= 200 && result.status < 300;
    if (json) printJson(world.stdout, { id: event.id, type: event.type, ...result });
    else if (result.kind === 'answered') {
      const status = paint(world, world.stdout, isTaken ? 'green' : 'red', String(result.status));
      printLine(world.stdout, `${status}  ${printable(event.type)}  ${printable(event.id)}  ${result.ms} ms`);
    } else if (tries === 0) printLine(world.stderr, `Nobody answers at ${printable(url)}; waiting.`);
    if (isTaken) return;
    if (result.kind === 'answered') refused += 1;
    if (refused === TRIES) {
      printLine(world.stderr, `Left after ${TRIES} tries: ${printable(event.id)}`);
      return;
    }
    await world.timing.sleep(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 0, world.signal);
  }
}

async function replay(argv: readonly string[], world: World): Promise<ExitCode> {
  const values = parseAlone(argv, REPLAY_OPTIONS);
  const now = world.timing.now();
  if (values.since === undefined) throw new UsageError('`replay` needs --since.');
  const from = parseTime('since', values.since, now);
  const until = parseTime('until', values.until ?? '0s', now);
  if (from >= until) throw new UsageError('--until must be later than --since.');
  const types = parseTypes(values.type);
  if (values['dry-run']) {
    const counts: Record<string, number> = {};
    const api = await openFeed(values, world);
    for await (const { type, time } of readEvents(api, { since: from, types, follow: false }, world)) {
      if (Date.parse(time) < until.getTime()) counts[type] = (counts[type] ?? 0) + 1;
    }
    return tellCounts(counts, values.json === true, world);
  }
  if (types !== undefined) {
    throw new UsageError(
      'EventBridge cannot replay an archive by type: name the rules that are to get the events with --rule. --type is for --dry-run.',
    );
  }
  const { name, session } = await openStack(values, world);
  using opened = session;
  const { createEventBridgeClient } = await import('@sluice/connection/clients/eventbridge');
  const { replayArchive } = await import('@sluice/connection/replay');
  const replayName = `${name}-${now}`;
  let told = '';
  const end = await replayArchive({
    client: opened.client(createEventBridgeClient),
    archive: `${name}-events`,
    name: replayName,
    from,
    until,
    ...(values.rule && { rules: values.rule }),
    onProgress: (at) => {
      const line = toProgress(replayName, at);
      // EventBridge does not say at every look how far it is.
      if (!values.json && line !== told) printLine(world.stderr, line);
      told = line;
    },
    sleep: world.timing.sleep,
    signal: world.signal,
  });
  if (values.json) printJson(world.stdout, { replay: replayName, ...end });
  if (end.state === 'completed') {
    if (!values.json)
      printLine(world.stdout, `Replayed. Rules know its events by the replay-name ${replayName}`);
    return EXIT.ok;
  }
  throw new Complaint(
    `The replay ${replayName} has ${end.state === 'failed' ? 'failed' : 'been cancelled'}${end.reason === undefined ? '' : `: ${end.reason}`}.`,
  );
}

function toProgress(name: string, at: Date | undefined): string {
  return at === undefined
    ? `The replay ${name} is under way; it goes on if you press Ctrl-C.`
    : `Replayed up to ${at.toISOString()}`;
}

function tellCounts(types: Readonly<Record<string, number>>, json: boolean, world: World): ExitCode {
  const all = Object.values(types).reduce((sum, count) => sum + count, 0);
  if (json) printJson(world.stdout, { events: all, types });
  else {
    for (const [type, count] of Object.entries(types)) {
      printLine(world.stdout, `${String(count).padStart(8)}  ${printable(type)}`);
    }
    printLine(world.stdout, `${all} in all. Nothing was sent.`);
  }
  return EXIT.ok;
}

async function redrive(argv: readonly string[], world: World): Promise<ExitCode> {
  const values = parseAlone(argv, REDRIVE_OPTIONS);
  const { name, session } = await openStack(values, world);
  using opened = session;
  const { createSQSClient } = await import('@sluice/connection/clients/sqs');
  const { countMessages, moveMessages } = await import('@sluice/connection/move-messages');
  const client = opened.client(createSQSClient);
  const [from, to] = [`${name}-event-dead-letters`, `${name}-event-retries`];
  if (values['dry-run']) {
    const waiting = await countMessages(client, from, world.signal);
    if (values.json) printJson(world.stdout, { waiting });
    else printLine(world.stdout, `${waiting} in ${from}. Nothing was sent.`);
    return EXIT.ok;
  }
  const moved = await moveMessages({
    client,
    from,
    to,
    onProgress: (count) => {
      if (!values.json && count % 100 === 0) printLine(world.stderr, `${count} sent`);
    },
    signal: world.signal,
  });
  if (values.json) printJson(world.stdout, { sent: moved });
  else {
    printLine(world.stdout, `${moved} sent again.`);
    if (moved > 0) printLine(world.stderr, 'What cannot be published is back in the queue within minutes.');
  }
  return EXIT.ok;
}

type StackValues = {
  readonly stack?: string | undefined;
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
};

/** The local stack's, unless another one is named. */
async function openStack({ stack, profile, region }: StackValues, world: World) {
  const isLocal =
    stack === undefined && profile === undefined && (await findStack(world.folder)) !== undefined;
  if (isLocal) return { name: 'sluice-local', session: await connect({ local: true }, world) };
  if (stack === undefined) {
    throw new UsageError('Name the stack of the deployment with --stack, such as sluice-prod.');
  }
  return { name: stack, session: await connect({ profile, region }, world) };
}

/** The values of options; these commands take no names. */
function parseAlone<const T extends Options>(argv: readonly string[], options: T) {
  const { values, positionals } = parse(argv, options);
  const [name] = positionals;
  if (name !== undefined) throw new UsageError(`"${printable(String(name))}" is one word too many.`);
  return values;
}
