import type { MiddlewareStack } from '@smithy/types';
import type { Pool, SocketCounts } from '../pool.ts';
import type { ClientExtras } from './options.ts';

/** The part of any SDK client that is needed here. */
interface WiredClient<Input extends object, Output extends object> {
  readonly middlewareStack: MiddlewareStack<Input, Output>;
}

const pools = new WeakMap<object, Pool>();

/** Ties a client to its pool: sockets are looked at before each attempt, and counted. Returns the same client. */
export function wire<Input extends object, Output extends object, Client extends WiredClient<Input, Output>>(
  client: Client & WiredClient<Input, Output>,
  pool: Pool,
  _extras: ClientExtras,
): Client {
  pools.set(client, pool);
  client.middlewareStack.add(
    (next) => async (args) => {
      await pool.settle();
      return next(args);
    },
    // After the retries, so that it runs for every attempt.
    { step: 'finalizeRequest', priority: 'low', name: 'settleSockets' },
  );
  return client;
}

/** The sockets of a client that this layer made: fit for a metric. All zero for any other client. */
export function readSockets(client: object): SocketCounts {
  return pools.get(client)?.counts() ?? { opened: 0, reused: 0, busy: 0, idle: 0, waiting: 0 };
}
