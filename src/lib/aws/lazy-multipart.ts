import type { Multipart } from '../upload/ports.ts';
import type { Stores } from './stores.ts';

/**
 * Multipart uploads for a function that seldom needs them: S3's client is loaded and made for the first
 * upload that goes in parts. Deployed, it is in a bundle of its own (infra/late-modules.cjs), so that no
 * other start pays for it.
 */
export function lazyMultipart(stores: Stores, bucket: string): () => Promise<Multipart> {
  let made: Promise<Multipart> | undefined;
  return () => {
    made ??= open(stores, bucket).catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

async function open(stores: Stores, bucket: string): Promise<Multipart> {
  const { openMultipart } = await import('./store-multipart.ts');
  return openMultipart(stores, bucket);
}
