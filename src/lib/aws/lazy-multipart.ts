import type { Multipart } from '../upload/ports.ts';
import { createMultipart } from './multipart.ts';
import { createStoreClient } from './store-client.ts';
import type { Stores } from './stores.ts';

/**
 * Multipart uploads for a function that seldom needs them: S3's client is made by the first that does.
 *
 * Its modules are loaded at start all the same. In a bundle of one file an `import()` saves less than it costs: esbuild
 * turns all that it shares with the rest, which is most of the SDK, into closures and keeps what nobody uses of it.
 */
export function lazyMultipart(stores: Stores, bucket: string): () => Promise<Multipart> {
  let made: Promise<Multipart> | undefined;
  return () => {
    made ??= Promise.resolve(createMultipart(createStoreClient(stores), bucket));
    return made;
  };
}
