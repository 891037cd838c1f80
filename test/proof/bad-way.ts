// What stands between Sluice and a receiver, or a service of AWS, and fails as networks do.
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as requestHttp,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export type Asked = { readonly headers: IncomingHttpHeaders; readonly path: string; readonly body: string };
export type Answered = { readonly status: number; readonly body: string };

/** Asks what stands behind; undefined when it does not answer. */
export type Forward = (body?: string) => Promise<Answered | undefined>;

/** What becomes of one request: an answer, or a connection that is cut. */
export type Treat = (asked: Asked, forward: Forward) => Promise<Answered | undefined>;

/** A proxy on loopback that does with each request as it is told. */
export async function startBadWay(port: number, target: string, treat: Treat) {
  const server = createServer((request, response) => {
    handle(request, response, target, treat).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function handle(request: IncomingMessage, response: ServerResponse, target: string, treat: Treat) {
  const body = await read(request);
  const { headers, url: path = '/', method = 'POST' } = request;
  const forward: Forward = (other = body) => ask(new URL(path, target), method, headers, other);
  const answer = await treat({ headers, path, body }, forward);
  if (answer === undefined) return void response.destroy();
  response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' }).end(answer.body);
}

async function read(message: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of message.setEncoding('utf8')) text += chunk;
  return text;
}

function ask(url: URL, method: string, given: IncomingHttpHeaders, body: string) {
  const headers = { ...given, 'content-length': Buffer.byteLength(body) };
  return new Promise<Answered | undefined>((resolve) => {
    const onward = requestHttp(url, { method, headers, agent: false }, (response) => {
      read(response).then(
        (text) => resolve({ status: response.statusCode ?? 502, body: text }),
        () => resolve(undefined), // it died while it answered
      );
    });
    onward.on('error', () => resolve(undefined)).end(body);
  });
}

/** How a receiver fails. The row may be kept all the same: then the event comes again. */
const TROUBLES = {
  '500 before the row': async () => ({ status: 500, body: '' }),
  '500 after the row': async (forward: Forward) => (await forward()) && { status: 500, body: '' },
  'cut before the row': async () => undefined,
  'cut after the row': async (forward: Forward) => {
    await forward();
    return undefined;
  },
  slow: async (forward: Forward) => {
    const answer = await forward();
    await delay(2_000);
    return answer;
  },
  '503': async () => ({ status: 503, body: '' }),
  'no answer for 16 s': async (forward: Forward) => {
    await forward();
    await delay(16_000);
    return undefined;
  },
} as const satisfies Record<string, (forward: Forward) => Promise<Answered | undefined>>;

export type Trouble = keyof typeof TROUBLES;

const OFTEN: readonly Trouble[] = [
  '500 before the row',
  '500 after the row',
  'cut before the row',
  'cut after the row',
  'slow',
];
/** These make Sluice pause the endpoint, so that all others wait. */
const SELDOM: readonly Trouble[] = ['503', 'no answer for 16 s'];
const SELDOM_SHARE = 0.03;

/** Fails a third of the requests, by chance. */
export function troubled(random: () => number, canPause: boolean) {
  const counts = new Map<Trouble | 'passed' | 'nobody there', number>();
  const count = (what: Trouble | 'passed' | 'nobody there') => counts.set(what, (counts.get(what) ?? 0) + 1);
  const treat: Treat = async (_asked, forward) => {
    if (random() >= 1 / 3) {
      const answer = await forward();
      count(answer === undefined ? 'nobody there' : 'passed');
      return answer;
    }
    const kinds = canPause && random() < SELDOM_SHARE ? SELDOM : OFTEN;
    const trouble = kinds[Math.floor(random() * kinds.length)] ?? 'slow';
    count(trouble);
    return TROUBLES[trouble](forward);
  };
  return { treat, counts };
}

type Entry = { readonly Detail: string };

/**
 * Throttles PutEvents: the whole call, or some of its entries; and loses answers. Every other call passes.
 */
export function throttled(random: () => number) {
  const figures = { calls: 0, throttledCalls: 0, throttledEntries: 0, lostAnswers: 0 };
  /** how often the bus took each event */
  const taken = new Map<string, number>();
  const treat: Treat = async ({ headers, body }, forward) => {
    if (headers['x-amz-target'] !== 'AWSEvents.PutEvents') return forward();
    figures.calls += 1;
    // The first call has an entry refused whatever the seed: a short proof makes few calls.
    const isFirst = figures.calls === 1;
    const chance = isFirst ? 0.25 : random();
    if (chance < 0.25) {
      figures.throttledCalls += 1;
      const message = 'Rate exceeded';
      return { status: 400, body: JSON.stringify({ __type: 'ThrottlingException', message }) };
    }
    const { Entries: entries } = JSON.parse(body) as { readonly Entries: readonly Entry[] };
    const isLet = entries.map((_entry, index) => (isFirst ? index > 0 : chance >= 0.5 || random() < 0.5));
    const passing = entries.filter((_entry, index) => isLet[index]);
    figures.throttledEntries += entries.length - passing.length;
    const answer = passing.length > 0 ? await forward(JSON.stringify({ Entries: passing })) : undefined;
    if (passing.length > 0 && answer?.status !== 200) return answer;
    for (const { Detail } of passing) {
      const { id } = JSON.parse(Detail) as { readonly id: string };
      taken.set(id, (taken.get(id) ?? 0) + 1);
    }
    if (random() < 0.1) {
      figures.lostAnswers += 1;
      return undefined;
    }
    const theirs: unknown[] = answer ? Object(JSON.parse(answer.body)).Entries : [];
    const refused = { ErrorCode: 'ThrottlingException', ErrorMessage: 'Rate exceeded' };
    const Entries = isLet.map((was) => (was ? theirs.shift() : refused));
    const FailedEntryCount = entries.length - passing.length;
    return { status: 200, body: JSON.stringify({ FailedEntryCount, Entries }) };
  };
  return { treat, figures, taken };
}
