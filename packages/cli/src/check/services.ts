import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApi } from '@sluice/client/api';
import { createClient } from '@sluice/client/client';
import type { Upload } from '@sluice/client/resource';
import { createWebhookSigner } from '@sluice/contract/webhook-signature';
import { readEvents } from '../events/feed.ts';
import type { Target } from '../target.ts';
import { Broken, isProblem, Untried } from './outcome.ts';
import type { Visit } from './visit.ts';

const NO_SERVICE = 'not tried: there are no credentials of a service (SLUICE_CLIENT_ID)';
const WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 500;

/** A service knows the upload of a user, and whose it is. */
export async function checkService({ service, world }: Visit, { id }: Upload): Promise<string> {
  const { endpoint, token } = needed(service);
  const client = createClient({ endpoint, token, timing: world.timing });
  const { owner } = await allowed('uploads.read', client.status(id, { signal: world.signal })).catch(
    (error: unknown) => {
      if (!isProblem(error, 'upload_not_found')) throw error;
      throw new Untried('not tried: the service acts for another tenant');
    },
  );
  if (owner === undefined) throw new Broken('a service was not told whose an upload is');
  return 'a service reads the upload, and is told whose it is';
}

/** The feed tells of an upload that was accepted. */
export async function checkEvents({ service, world }: Visit, { id, settledAt }: Upload): Promise<string> {
  const { endpoint, token } = needed(service);
  const { timing, signal } = world;
  const api = createApi({ endpoint, token, timing });
  const since = new Date(settledAt === undefined ? timing.now() : Date.parse(settledAt) - 1_000);
  const find = async () => {
    const query = { since, types: ['upload.accepted'] as const, follow: false };
    for await (const event of readEvents(api, query, world)) if (event.subject === id) return event;
    return undefined;
  };
  const until = timing.now() + WITHIN_MS;
  for (;;) {
    const event = await allowed('events', find());
    if (event?.id === `${id}.accepted`) return `the feed tells of it as ${event.id}`;
    if (timing.now() > until)
      throw new Broken(`the feed does not tell of ${id} within ${WITHIN_MS / 1_000} s`);
    await timing.sleep(LOOK_EVERY_MS, signal);
  }
}

/** A receiver on this machine is told of an upload, by a signed webhook. */
export async function checkWebhooks({ service, sample, world, sendAs }: Visit): Promise<string> {
  const { endpoint, token, stack } = needed(service);
  if (stack === undefined) {
    throw new Untried(
      'not tried: nothing on this machine can be reached from there; `sluice webhooks test` tries an address of yours',
    );
  }
  const { timing, signal } = world;
  const api = createApi({ endpoint, token, timing });
  using receiver = await openReceiver();
  const added = await allowed(
    'webhooks',
    api({
      method: 'POST',
      path: '/webhooks',
      body: { url: receiver.url, types: ['upload.accepted'], signatures: ['v1'] },
      signal,
    }),
  );
  const { id, secret } = Object(added);
  if (typeof id !== 'string' || typeof secret !== 'string') throw new Broken('no secret came of a webhook');
  try {
    const { upload } = await sendAs(sample.content, { transport: 'put' });
    if (upload.state !== 'accepted') throw new Broken(`an honest file was ${upload.state}`);
    const tooLate = AbortSignal.timeout(WITHIN_MS);
    const message = receiver.until(`${upload.id}.accepted`, AbortSignal.any([signal, tooLate]));
    const found = await message.catch((error: unknown) => {
      if (!tooLate.aborted) throw error;
      throw new Broken(`nothing came within ${WITHIN_MS / 1_000} s`);
    });
    const { messageId, timestamp, signature, body, at } = found;
    const wanted = createWebhookSigner(secret)({ id: messageId, timestamp: Number(timestamp), body });
    if (!signature.split(' ').includes(wanted)) throw new Broken('what came has a wrong signature');
    const seconds = (at - Date.parse(upload.settledAt ?? '')) / 1_000;
    return `a signed webhook came ${seconds.toFixed(1)} s after the verdict`;
  } finally {
    const signalOfEnd = AbortSignal.timeout(5_000);
    await api({ method: 'DELETE', path: `/webhooks/${id}`, signal: signalOfEnd }).catch(() => undefined);
  }
}

function needed(service: Target | undefined): Target {
  if (service === undefined) throw new Untried(NO_SERVICE);
  return service;
}

/** What comes of a call; where the service lacks the scope, nothing can be said of the promise. */
async function allowed<T>(scope: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (isProblem(error, 'scope_missing'))
      throw new Untried(`not tried: the service lacks the scope ${scope}`);
    throw error;
  }
}

type Message = {
  readonly messageId: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: string;
  readonly at: number;
};

/** A receiver on loopback, which takes everything. */
async function openReceiver() {
  const received = new Map<string, Message>();
  const waiting = new Map<string, (message: Message) => void>();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const { headers } = request;
      const message = {
        messageId: String(headers['webhook-id']),
        timestamp: String(headers['webhook-timestamp']),
        signature: String(headers['webhook-signature']),
        body,
        at: Date.now(),
      };
      received.set(message.messageId, message);
      response.writeHead(204).end();
      waiting.get(message.messageId)?.(message);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    until: (id: string, signal: AbortSignal) =>
      new Promise<Message>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        const known = received.get(id);
        if (known) resolve(known);
        else waiting.set(id, resolve);
      }),
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
