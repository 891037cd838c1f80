import type { Settings } from '../connection/settings/values.ts';
import type { Upload } from '../upload/upload.ts';

/** Announces arrivals for a function that seldom has to: the queue's client is loaded by the first that does. */
export const lazyAnnounce = (settings: Settings, queueUrl: string, bucket: string) => {
  let loaded: Promise<(upload: Upload) => Promise<void>> | undefined;
  const load = async () => {
    const [{ createSQSClient }, { createAnnounce }] = await Promise.all([
      import('../connection/clients/sqs.ts'),
      import('./announce.ts'),
    ]);
    return createAnnounce(createSQSClient(settings), queueUrl, bucket);
  };
  return async (upload: Upload): Promise<void> => {
    loaded ??= load();
    await (await loaded)(upload);
  };
};
