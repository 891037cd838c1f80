import type { Multipart } from '../upload/ports.ts';
import { createMultipart } from './multipart.ts';
import { createStoreClient } from './store-client.ts';
import type { Stores } from './stores.ts';

/** Multipart uploads in one of the deployment's buckets, with a client of their own. */
export function openMultipart(stores: Stores, bucket: string): Multipart {
  return createMultipart(createStoreClient(stores), bucket);
}
