import { createSQSClient } from '../connection/clients/sqs.ts';
import type { Settings } from '../connection/settings/values.ts';
import type { Upload } from '../upload/upload.ts';
import { createAnnounce } from './announce.ts';

/**
 * Announces arrivals for a function that seldom has to: the queue's client is made by the first that does.
 * Its modules are loaded at start, not by `import()`; see lazy-multipart.ts.
 */
export const lazyAnnounce = (settings: Settings, queueUrl: string, bucket: string) => {
  let announce: ((upload: Upload) => Promise<void>) | undefined;
  return async (upload: Upload): Promise<void> => {
    announce ??= createAnnounce(createSQSClient(settings), queueUrl, bucket);
    await announce(upload);
  };
};
