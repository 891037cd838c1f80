import type { Settings } from '@sluice/connection/settings/values';
import type { SigningCredentials } from '@sluice/connection/sign/credentials';
import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { createHeld, type HeldDeps } from '../held.ts';
import type { StoreSettings } from './settle-stores.ts';

/** The S3 that the buckets are on, as the functions use it. */
export type Stores = StoreSettings & { readonly keys: StoreKeys };

/** What requests to the buckets are signed with. */
export type StoreKeys = {
  /** Has keys at hand that are not older than five minutes. Call it before anything is signed. */
  readonly ready: () => Promise<void>;
  /** What `ready` has at hand. Throws before the first time. */
  readonly current: () => SigningCredentials;
  /** for the SDK's client; undefined where the settings have them */
  readonly provider?: AwsCredentialIdentityProvider;
};

/** The keys of the function's role, by which it reaches the stack's own buckets. */
export function roleKeys(settings: Settings): StoreKeys {
  return { ready: async () => {}, current: () => roleOf(settings) };
}

/** The function's role, as Lambda puts it in the environment when it starts an instance. */
function roleOf({ values }: Settings): SigningCredentials {
  const { accessKeyId, secretAccessKey, sessionToken } = values;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new Error('not set in the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY');
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

type KeysDeps = Omit<HeldDeps<unknown>, 'fetch'> & {
  readonly read: () => Promise<Readonly<Record<string, unknown>>>;
};

// The SDK asks for keys again when they are about to end. These end when somebody replaces them, which shows
// in a new read only.
const ASK_AGAIN_AFTER_MS = 60_000;

/**
 * Keys of an S3 that knows no roles: `accessKeyId` and `secretAccessKey` of a secret. Make it once, at module
 * scope.
 */
export function createStoreKeys({ read, now, onFailure }: KeysDeps): StoreKeys {
  let known: SigningCredentials | undefined;
  const held = createHeld({ fetch: async () => toKeys(await read()), now, onFailure });
  return {
    async ready() {
      known = await held.get();
    },
    current() {
      if (known === undefined) throw new Error('the keys of the buckets were not fetched before signing');
      return known;
    },
    provider: async () => ({ ...(await held.get()), expiration: new Date(now() + ASK_AGAIN_AFTER_MS) }),
  };
}

function toKeys({ accessKeyId, secretAccessKey }: Readonly<Record<string, unknown>>): SigningCredentials {
  if (typeof accessKeyId !== 'string' || typeof secretAccessKey !== 'string') {
    throw new Error('the secret of the buckets has no accessKeyId and secretAccessKey that are texts');
  }
  return { accessKeyId, secretAccessKey };
}
