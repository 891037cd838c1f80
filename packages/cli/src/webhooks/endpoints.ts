import { EVENT_TYPES } from '@sluice/contract/event';
import { Complaint } from '../complaint.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { printJson, printLine } from '../print.ts';
import { printable, toColumns } from '../text.ts';
import type { World } from '../world.ts';
import { pathOf, readAll, toWebhook, type Webhook } from './api.ts';
import { type Job, take } from './job.ts';

/** Adds an endpoint, and shows its secret. */
export async function add({ world, api, words, values }: Job): Promise<ExitCode> {
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

/** Lists the endpoints. */
export async function list({ world, api, words, values }: Job): Promise<ExitCode> {
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

/** Removes an endpoint. */
export async function remove({ world, api, words, values }: Job): Promise<ExitCode> {
  const [id] = take(words, 1, 'Which one? `sluice webhooks list` shows them.');
  await api({ method: 'DELETE', path: pathOf(id), signal: world.signal });
  if (values.json) printJson(world.stdout, { id, removed: true });
  else printLine(world.stdout, `${printable(id)}  removed`);
  return EXIT.ok;
}

/** Enables an endpoint that was disabled. */
export async function enable({ world, api, words, values }: Job): Promise<ExitCode> {
  const [id] = take(words, 1, 'Which one? `sluice webhooks list` shows them.');
  const answer = await api({ method: 'POST', path: `${pathOf(id)}/enable`, signal: world.signal });
  if (values.json) printJson(world.stdout, answer);
  else printLine(world.stdout, `${printable(id)}  enabled`);
  return EXIT.ok;
}

/** Gives an endpoint another secret, and shows it. */
export async function rotate({ world, api, words, values }: Job): Promise<ExitCode> {
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
