import { randomBytes } from 'node:crypto';
import type { UploadEvent } from '@sluice/contract/event';
import { createWebhookSigner, toWebhookSecret, type WebhookSigner } from '@sluice/contract/webhook-signature';
import { UsageError } from '../complaint.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Options } from '../options.ts';
import { paint, printJson, printLine } from '../print.ts';
import { printable } from '../text.ts';
import type { World } from '../world.ts';
import { openFeed, parseTypes, readEvents } from './feed.ts';
import { forward } from './forward.ts';
import { EVENT_OPTIONS, parseAlone, parseTime } from './options.ts';

export const LISTEN_OPTIONS = {
  ...EVENT_OPTIONS,
  forward: { type: 'string', value: 'url', help: 'listen: where to, such as http://localhost:3000/hook' },
  secret: { type: 'string', value: 'whsec_…', help: 'listen: what to sign with; a new one when absent' },
} as const satisfies Options;

const PAUSES_MS = [1_000, 2_000, 5_000, 10_000, 30_000] as const;
/** What answers with an error is tried so often, and then left. */
const TRIES = 3;

/** Forwards each event to an address, as a signed webhook. */
export async function listen(argv: readonly string[], world: World): Promise<ExitCode> {
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
