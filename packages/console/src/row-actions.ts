import type { BatchClient } from '@sluice/client/batch';
import type { Upload } from '@sluice/client/resource';
import { confirm } from './confirm.ts';
import { create } from './elements.ts';
import type { FileListDeps } from './file-list.ts';
import type { KnownFiles } from './known-files.ts';
import { readPreviewText } from './preview-text.ts';
import { READER_WORDS, type ToSharing } from './sharing.ts';
import { toOutcomeWords } from './words.ts';

export type RowActionDeps = {
  readonly client: BatchClient;
  readonly known: Pick<KnownFiles, 'dropRefusal'>;
  /** the name of the person whose uploads these are */
  readonly who: string;
  readonly toSharing: ToSharing;
  readonly onDropped: () => void;
  readonly onUpload: (upload: Upload) => void;
  readonly announce: (text: string) => void;
  readonly onError: (error: unknown) => void;
};

/** What the buttons of a row do, and the one that deletes what is chosen. */
export type RowActions = Omit<FileListDeps, 'selection'> & {
  readonly removeAll: (uploads: readonly Upload[]) => void;
};

export function createRowActions({ client, known, who, toSharing, ...deps }: RowActionDeps): RowActions {
  const remove = async (upload: Upload): Promise<void> => {
    if (!(await confirm(toQuestion(upload)))) return;
    await client.delete(upload.id);
    const ended = await client.status(upload.id);
    deps.onUpload(ended);
    deps.announce(toOutcomeWords(ended));
  };

  /** With a client that asks together what is asked at once, this is two calls. */
  const removeAll = async (uploads: readonly Upload[]): Promise<void> => {
    const [only] = uploads;
    if (only === undefined || !(await confirm(toQuestion(only, uploads.length)))) return;
    const results = await Promise.allSettled(
      uploads.map(async ({ id }) => {
        await client.delete(id);
        return client.status(id);
      }),
    );
    const ended = results.filter((result) => result.status === 'fulfilled');
    for (const { value } of ended) deps.onUpload(value);
    deps.announce(`${ended.length} of ${uploads.length} deleted.`);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };

  return {
    who,
    removeAll: (uploads) => {
      removeAll(uploads).catch(deps.onError);
    },
    toSharing,
    share: ({ upload }, readers) => {
      if (upload === undefined) return;
      client.share(upload.id, readers).then((shared) => {
        deps.onUpload(shared);
        deps.announce(`${shared.filename}: may be read by ${READER_WORDS[readers]}.`);
      }, deps.onError);
    },
    copy: (address) => {
      navigator.clipboard
        .writeText(address)
        .then(() => deps.announce('The address is copied.'), deps.onError);
    },
    act: (action, { key, upload }) => {
      const work: Readonly<Record<typeof action, () => Promise<void> | void>> = {
        dismiss: () => {
          known.dropRefusal(key);
          deps.onDropped();
        },
        download: async () => {
          if (upload) save((await client.download(upload.id)).url);
        },
        delete: () => upload && remove(upload),
      };
      Promise.resolve(work[action]()).catch(deps.onError);
    },
    toPicture: async (id) => (await client.download(id)).url,
    toText: async (id) => readPreviewText((await client.download(id)).url),
    onError: deps.onError,
  };
}

function toQuestion({ filename, state }: Upload, count = 1) {
  if (count > 1) {
    return {
      title: `Delete ${count} uploads?`,
      text: 'Their files will be gone for good. Those that have not arrived will be awaited no longer.',
      yes: 'Delete',
    };
  }
  return state === 'accepted'
    ? { title: 'Delete this file?', text: `“${filename}” will be gone for good.`, yes: 'Delete' }
    : {
        title: 'Give this upload up?',
        text: `“${filename}” has not arrived, and will be awaited no longer.`,
        yes: 'Give up',
      };
}

/**
 * Lets the browser save what an address leads to. The store sends every file as an attachment, so the page
 * stays; the bytes never pass through a script, so their number does not matter.
 */
function save(url: string): void {
  // To the browser this is somebody leaving the page, until it has seen the answer: nobody has to be asked
  // about that.
  const saving = new AbortController();
  const pass = (event: Event) => event.stopImmediatePropagation();
  addEventListener('beforeunload', pass, { capture: true, signal: saving.signal });
  create('a', '', { href: url, download: '', rel: 'noreferrer' }).click();
  setTimeout(() => saving.abort(), 1_000);
}
