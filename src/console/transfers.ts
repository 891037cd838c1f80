import { NotSettledError } from '../client/errors.ts';
import type { Upload } from '../client/resource.ts';
import type { Progress, Uploader } from '../client/uploader.ts';
import type { Admission } from './admission.ts';
import { type ErrorWords, toErrorWords } from './words.ts';

/** Where a file of this page stands on its way, until the server's own state takes over. */
export type Phase = 'refused' | 'queued' | 'sending' | 'sent' | 'stopping' | 'failed';

/** A file that was picked in this page. */
export type Transfer = {
  /** the same from the first moment on; the upload's id comes to be known only later */
  readonly key: string;
  readonly file: File;
  readonly admission: Admission;
  readonly phase: Phase;
  readonly sentBytes: number;
  readonly upload?: Upload;
  readonly error?: ErrorWords;
};

export type Transfers = {
  /** Takes a file, and sends it when its turn comes, if it is admitted. */
  readonly add: (file: File, admission: Admission) => void;
  /** Stops one that is on its way, and gives it up on the server; forgets one that is not. */
  readonly cancel: (key: string) => void;
  /** Sends a failed one again, as an upload of its own. */
  readonly retry: (key: string) => void;
};

export type TransferDeps = {
  readonly uploader: Pick<Uploader, 'upload'>;
  readonly newKey: () => string;
  /** Called whenever anything about a transfer changes. */
  readonly onChange: (transfer: Transfer) => void;
  /** Called when it is over: with the upload that it became, or without one when it was cancelled or forgotten. */
  readonly onEnd: (transfer: Transfer, upload: Upload | undefined) => void;
  /** Called with what made one fail. */
  readonly onError: (error: unknown) => void;
};

// A browser opens six connections to a host; some are left for the API, which may be on the same one.
const AT_ONCE = 3;

/** Sends files, a few at a time, in the order they came. */
export const createTransfers = ({ uploader, newKey, ...deps }: TransferDeps): Transfers => {
  const entries = new Map<string, { transfer: Transfer; abort: AbortController }>();
  const queue: string[] = [];
  let running = 0;

  const change = (key: string, changes: Partial<Transfer>): void => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entry.transfer = { ...entry.transfer, ...changes };
    deps.onChange(entry.transfer);
  };

  const end = (key: string, upload?: Upload): void => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    deps.onEnd(entry.transfer, upload);
  };

  const startNext = (): void => {
    while (running < AT_ONCE) {
      const key = queue.shift();
      if (key === undefined) return;
      running++;
      void send(key).finally(() => {
        running--;
        startNext();
      });
    }
  };

  const send = async (key: string): Promise<void> => {
    const entry = entries.get(key);
    if (entry === undefined) return; // cancelled while it waited
    const { file, admission } = entry.transfer;
    if (!admission.admitted) return;
    const { contentType, policy } = admission;
    const { signal } = entry.abort;
    change(key, { phase: 'sending' });
    try {
      const upload = await uploader.upload(file, {
        contentType,
        policy: policy.name,
        ...(policy.checksum === 'required' && { checksum: 'sha256' }),
        signal,
        onState: (upload) => {
          change(key, { upload });
          if (entry.transfer.phase === 'stopping') entry.abort.abort();
        },
        onProgress: (progress) => {
          if (entry.transfer.phase !== 'stopping') change(key, toChanges(progress));
        },
      });
      end(key, upload);
    } catch (error) {
      if (entry.transfer.phase === 'stopping') return end(key);
      // All of it was sent; the list goes on to follow it.
      if (error instanceof NotSettledError) return end(key, error.upload);
      change(key, { phase: 'failed', error: toErrorWords(error) });
      deps.onError(error);
    }
  };

  const add: Transfers['add'] = (file, admission) => {
    const key = newKey();
    const phase = admission.admitted ? 'queued' : 'refused';
    const transfer: Transfer = { key, file, admission, phase, sentBytes: 0 };
    entries.set(key, { transfer, abort: new AbortController() });
    deps.onChange(transfer);
    if (admission.admitted) queue.push(key);
    startNext();
  };

  const cancel: Transfers['cancel'] = (key) => {
    const entry = entries.get(key);
    if (entry?.transfer.phase !== 'sending') return end(key);
    change(key, { phase: 'stopping' });
    // A request that is cut off may have been heard: the upload could not be given up, for want of its id.
    if (entry.transfer.upload !== undefined) entry.abort.abort();
  };

  return {
    add,
    cancel,
    retry: (key) => {
      const entry = entries.get(key);
      if (entry === undefined) return;
      end(key);
      add(entry.transfer.file, entry.transfer.admission);
    },
  };
};

// A transfer that is begun anew starts from 0 again.
const toChanges = ({ phase, bytes, totalBytes }: Progress): Partial<Transfer> => ({
  phase: phase === 'sending' && bytes >= totalBytes ? 'sent' : 'sending',
  sentBytes: bytes,
});
