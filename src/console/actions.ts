import type { Client } from '../client/client.ts';
import type { Upload } from '../client/resource.ts';
import { confirm } from './confirm.ts';
import { create } from './elements.ts';
import type { ListDeps } from './list.ts';
import type { Transfers } from './transfers.ts';
import { toOutcomeWords } from './words.ts';

export type ActionDeps = {
  readonly client: Client;
  readonly transfers: Transfers;
  readonly onUpload: (upload: Upload) => void;
  readonly announce: (text: string) => void;
  readonly onError: (error: unknown) => void;
};

/** What the buttons of a row do. */
export const createActions = ({ client, transfers, onUpload, announce, onError }: ActionDeps): ListDeps => {
  const remove = async (upload: Upload): Promise<void> => {
    if (!(await confirm(toQuestion(upload)))) return;
    await client.delete(upload.id);
    const ended = await client.status(upload.id);
    onUpload(ended);
    announce(toOutcomeWords(ended));
  };

  // A courtesy: what is not given up here expires by itself.
  const giveUp = async (upload: Upload | undefined): Promise<void> => {
    if (!upload) return;
    await client.delete(upload.id).catch(() => undefined);
    onUpload(await client.status(upload.id));
  };

  return {
    act: (action, { key, transfer, upload }) => {
      const work: Readonly<Record<typeof action, () => Promise<void> | void>> = {
        cancel: () => transfers.cancel(key),
        retry: () => {
          transfers.retry(key);
          return giveUp(transfer?.upload);
        },
        dismiss: () => {
          transfers.cancel(key);
          return giveUp(transfer?.upload);
        },
        download: async () => {
          if (upload) save((await client.download(upload.id)).url);
        },
        delete: () => upload && remove(upload),
      };
      Promise.resolve(work[action]()).catch(onError);
    },
    toPreview: async (id) => {
      const { url } = await client.download(id);
      return url;
    },
  };
};

const toQuestion = ({ filename, state }: Upload) =>
  state === 'accepted'
    ? { title: 'Delete this file?', text: `“${filename}” will be gone for good.`, yes: 'Delete' }
    : {
        title: 'Give this upload up?',
        text: `“${filename}” has not arrived, and will be awaited no longer.`,
        yes: 'Give up',
      };

/**
 * Lets the browser save what an address leads to. The store sends every file as an attachment, so the page stays; the
 * bytes never pass through a script, so their number does not matter.
 */
const save = (url: string): void => {
  // To the browser this is somebody leaving the page, until it has seen the answer: nobody has to be asked about that.
  const saving = new AbortController();
  const pass = (event: Event) => event.stopImmediatePropagation();
  addEventListener('beforeunload', pass, { capture: true, signal: saving.signal });
  create('a', '', { href: url, download: '', rel: 'noreferrer' }).click();
  setTimeout(() => saving.abort(), 1_000);
};
