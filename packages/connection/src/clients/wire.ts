import type { MiddlewareStack } from '@smithy/types';
import { isObject } from '../is-object.ts';
import { noSockets, type Pool, type SocketCounts } from '../pool.ts';
import { logCall } from './call-log.ts';
import type { ClientExtras } from './options.ts';

/** The part of any SDK client that is needed here. */
type WiredClient<Input extends object, Output extends object> = {
  readonly middlewareStack: MiddlewareStack<Input, Output>;
  destroy: () => void;
};

const pools = new WeakMap<object, Pool>();

/**
 * Ties a client to its pool: idle sockets are looked at before each attempt, calls are logged. Returns the
 * same client.
 */
export function wire<Input extends object, Output extends object, Client extends WiredClient<Input, Output>>(
  client: Client & WiredClient<Input, Output>,
  pool: Pool,
  { logger }: ClientExtras,
): Client {
  pools.set(client, pool);
  const destroy = client.destroy.bind(client);
  client.destroy = () => {
    destroy();
    // The SDK closes what its agents manage, and only if it has made a call.
    pool.destroy();
  };
  client.middlewareStack.add(
    (next) => async (args) => {
      await pool.settle();
      return next(args);
    },
    // After the retries, so that it runs for every attempt.
    { step: 'finalizeRequest', priority: 'low', name: 'settleSockets' },
  );
  if (logger) {
    client.middlewareStack.add(
      (next, context) => (args) => logCall(logger, context, args.input, () => next(args)),
      {
        step: 'initialize',
        priority: 'high',
        name: 'logCall',
      },
    );
    const warm = new WeakSet<object>();
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const result = await next(args);
        const socket = socketOf(result.response);
        if (socket) {
          context.socketReused = warm.has(socket);
          warm.add(socket);
        }
        return result;
      },
      // Next to the wire: further out the body has been read, and no longer tells its socket.
      { step: 'deserialize', priority: 'low', name: 'noteSocket' },
    );
  }
  return client;
}

/** The sockets of a client that this layer made: fit for a metric. All zero for any other client. */
export function readSockets(client: object): SocketCounts {
  return poolOf(client)?.counts() ?? noSockets;
}

/** The pool of a client that this layer made. */
export function poolOf(client: object): Pool | undefined {
  return pools.get(client);
}

function socketOf(response: unknown): object | undefined {
  if (!isObject(response) || !isObject(response.body)) return undefined;
  return isObject(response.body.socket) ? response.body.socket : undefined;
}
