import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { HttpRequest, HttpResponse } from '@smithy/types';
import { type Answer, type Fault, operationOf } from './fault.ts';

/** The part of an SDK client that is taken hold of. */
type Client = {
  readonly config: { requestHandler: { handle: (request: never, options?: never) => Promise<unknown> } };
};

type Handle = (request: HttpRequest, options?: unknown) => Promise<{ readonly response: HttpResponse }>;

/** Which answer is tampered with, of all that the clients get; and how. */
export type Plan = { readonly call: number; readonly fault: Fault; readonly bytes: Buffer };

/** Tells what was asked of the engine while a plan was carried out. */
export type Traffic = {
  /** every call as it was sent, retries included */
  readonly calls: { readonly operation: string; readonly request: HttpRequest }[];
  /**
   * what the plan did, and to which call; undefined while it did nothing, or where its fault does not suit
   * the call
   */
  readonly tampered: () => string | undefined;
};

/**
 * Stands between SDK clients and the wire, and spoils the answer of one call. Below the SDK's own reading of
 * answers and its retries, so that both are part of what is tried; above the sockets, so that a request keeps
 * its signature.
 */
export function tamperWith(clients: readonly Client[], plan?: Plan): Traffic {
  const calls: Traffic['calls'] = [];
  let tampered: string | undefined;
  let previous: Answer | undefined;
  for (const client of clients) {
    const { requestHandler } = client.config;
    const send = requestHandler.handle.bind(requestHandler) as unknown as Handle;
    const handle: Handle = async (request, options) => {
      const operation = operationOf(request);
      let commit = async () => toAnswer((await send(request, options)).response);
      if (operation === 'Query') {
        // The shards of the due rows: only one that has any is worth a fault. To ask has no effect, so it may
        // come first.
        const answer = await commit();
        if (answer.body.includes('"Count":0') || answer.body.includes('"Count": 0'))
          return { response: toResponse(answer) };
        commit = async () => answer;
      }
      calls.push({ operation, request });
      const isPlanned = plan?.call === calls.length && plan.fault.suits(operation, request);
      if (!isPlanned) {
        previous = await commit();
        return { response: toResponse(previous) };
      }
      tampered = `${operation} ${plan.fault.name}`;
      return {
        response: toResponse(
          await plan.fault.answer({ operation, request, commit, previous, bytes: plan.bytes }),
        ),
      };
    };
    client.config.requestHandler = Object.assign(Object.create(requestHandler) as typeof requestHandler, {
      handle,
    });
  }
  return { calls, tampered: () => tampered };
}

async function toAnswer({ statusCode, headers, body }: HttpResponse): Promise<Answer> {
  return {
    statusCode,
    headers,
    body: body instanceof Readable ? await buffer(body) : Buffer.alloc(0),
  };
}

function toResponse({ statusCode, headers, body, isCut }: Answer): HttpResponse {
  return {
    statusCode,
    headers,
    body: isCut ? Readable.from(cut(body)) : Readable.from([body], { objectMode: false }),
  };
}

async function* cut(body: Buffer): AsyncGenerator<Buffer> {
  yield body;
  throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
}
