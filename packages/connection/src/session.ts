import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';
import type { CallLogger } from './clients/call-log.ts';
import type { ClientExtras } from './clients/options.ts';
import { readSockets } from './clients/wire.ts';
import { type Credentials, createCredentials } from './credentials.ts';
import { addCounts, noSockets, type SocketCounts } from './pool.ts';
import { type LoadSources, loadSettings } from './settings/load.ts';
import type { Environment } from './settings/resolve.ts';
import { readIfThere, sharedFilePaths } from './settings/shared-file.ts';
import type { Settings } from './settings/values.ts';

/** What a session is made from. */
export type SessionSources = LoadSources & {
  /** A source of keys of your own, instead of those that settings and files lead to. */
  readonly credentials?: AwsCredentialIdentityProvider;
  /** Hears of every call of every client at debug level. */
  readonly logger?: CallLogger;
};

/** Makes a client from settings: `createS3Client`, `createDynamoDBClient`, `createSQSClient`. */
export type ClientFactory<Client extends Closable> = (settings: Settings, extras: ClientExtras) => Client;

/** One account, role or profile, and the clients that act for it. */
export type Session = Disposable & {
  readonly settings: Settings;
  /** The client of this session; the same one at every call. */
  readonly client: <Client extends Closable>(create: ClientFactory<Client>) => Client;
  /** The keys in use, renewed if need be; for signing URLs. */
  readonly credentials: () => Promise<AwsCredentialIdentity>;
  /** All clients' sockets added up. */
  readonly sockets: () => SocketCounts;
  /** Closes the clients that no other session uses. May be called again. */
  readonly close: () => void;
};

type Closable = {
  readonly destroy: () => void;
};

/** What sessions with the same settings share. */
type Shared = {
  readonly credentials: Credentials;
  readonly clients: Map<ClientFactory<Closable>, Closable>;
  readonly users: Set<Session>;
};

// At module scope, so that a warm process finds its clients, and their sockets, where it left them.
const sharedByKey = new Map<string, Shared>();
const numbers = new WeakMap<object, number>();
let numbered = 0;

/**
 * Opens a session; several live side by side. Those with the same settings, identity and logger share their
 * clients and keys. Nothing is connected, and no key is fetched, before the first call.
 *
 * Keys are looked for in the given environment and the shared files that it leads to; `process.env` is not
 * read, unless it is what was given (the exceptions: see `providerChain`).
 *
 * Throws `SettingError`, `ProfileNotFoundError`.
 */
export function createSession(from: SessionSources = {}): Session {
  const settings = loadSettings(from);
  const environment = from.environment ?? {};
  const key = JSON.stringify([
    settings,
    identityKey(environment),
    numberOf(from.credentials),
    numberOf(from.logger),
  ]);
  const shared = sharedByKey.get(key) ?? {
    credentials: createCredentials({ settings, environment, provider: from.credentials }),
    clients: new Map(),
    users: new Set(),
  };
  sharedByKey.set(key, shared);

  const session: Session = {
    settings,
    client(create) {
      if (!shared.users.has(session)) throw new Error('this session is closed');
      const known = shared.clients.get(create);
      // Sound: the factory is the key, so what is held under it is what it returned.
      if (known) return known as ReturnType<typeof create>;
      const client = create(settings, {
        credentials: shared.credentials.provide,
        ...(from.logger && { logger: from.logger }),
      });
      shared.clients.set(create, client);
      return client;
    },
    credentials: () => shared.credentials.provide(),
    sockets: () => [...shared.clients.values()].map(readSockets).reduce(addCounts, noSockets),
    close() {
      if (!shared.users.delete(session) || shared.users.size > 0) return;
      sharedByKey.delete(key);
      for (const client of shared.clients.values()) client.destroy();
      shared.credentials.pool.destroy();
    },
    [Symbol.dispose]: () => session.close(),
  };
  shared.users.add(session);
  return session;
}

/**
 * Whatever may lead two sessions of equal settings to different keys: a profile's process, for one, is no
 * setting.
 */
function identityKey(environment: Environment): unknown {
  const variables = Object.entries(environment).filter(([name]) => name.startsWith('AWS_'));
  return [
    variables.toSorted(),
    Object.values(sharedFilePaths(environment)).map((path) => [path, readIfThere(path).text]),
  ];
}

/** Tells objects that cannot be compared by their content apart. */
function numberOf(object: object | undefined): number {
  if (object === undefined) return 0;
  const number = numbers.get(object) ?? ++numbered;
  numbers.set(object, number);
  return number;
}
