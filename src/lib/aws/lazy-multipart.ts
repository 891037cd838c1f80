import type { Settings } from '../connection/settings/values.ts';
import type { Multipart } from '../upload/ports.ts';

/**
 * Multipart uploads for a function that seldom needs them: S3's client is loaded by the first that does, so that a
 * cold start does not pay for it.
 */
export const lazyMultipart = (settings: Settings, bucket: string): (() => Promise<Multipart>) => {
  let loaded: Promise<Multipart> | undefined;
  const load = async () => {
    const [{ createS3Client }, { createMultipart }] = await Promise.all([
      import('../connection/clients/s3.ts'),
      import('./multipart.ts'),
    ]);
    return createMultipart(createS3Client(settings), bucket);
  };
  return () => {
    loaded ??= load();
    return loaded;
  };
};
