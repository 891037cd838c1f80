import { isSettled, type State } from '@sluice/contract/state';
import { toFilename } from './declaration.ts';
import { SluiceError } from './errors.ts';
import type { Source } from './platform.ts';
import type { Upload } from './resource.ts';
import type { Uploader, UploadOptions } from './uploader.ts';

/**
 * Where a file of the list stands: on its way up, stopped, or with the verdict. `verifying` begins when all
 * bytes are sent, `scanning` and `held` are what may follow before the verdict; `failed` has an `error`, and
 * everything that may pass has been tried again already.
 */
export type UploadStatus =
  | 'waiting'
  | 'starting'
  | 'hashing'
  | 'sending'
  | 'verifying'
  | 'paused'
  | 'cancelled'
  | 'failed'
  | Exclude<State, 'requested' | 'verifying'>;

/** One file of the list. A change makes another object; what has not changed stays the same one. */
export type ListedUpload = {
  /** tells it from the others of this list; no id of the API's */
  readonly key: string;
  readonly file: Source;
  /** the name that it is uploaded with; `unnamed` for a Blob without one */
  readonly filename: string;
  readonly status: UploadStatus;
  /** of the file, read for its checksum while `hashing`, else sent */
  readonly bytes: number;
  readonly totalBytes: number;
  /** as the API told of it last */
  readonly upload: Upload | undefined;
  /** why it failed */
  readonly error: unknown;
};

/** What is wanted of one file. When to stop, the list says itself. */
export type ListedOptions = Omit<UploadOptions, 'signal' | 'keep'>;

/** What the list needs each time that a file begins. */
export type ListDeps = {
  readonly uploader: Uploader;
  /**
   * how many files are on their way at once; those being verified do not count. Three when undefined, or more
   * small ones
   */
  readonly atOnce: number | undefined;
  readonly onSettled?: ((upload: Upload, file: Source) => void) | undefined;
};

/**
 * Files on their way, to be watched from outside. Nothing in it throws or rejects: what goes wrong is in the
 * list.
 */
export type UploadList = {
  readonly subscribe: (listener: () => void) => () => void;
  readonly read: () => readonly ListedUpload[];
  /** Takes a file in, and begins when its turn comes. Returns its key. */
  readonly add: (file: Source, options?: ListedOptions) => string;
  /**
   * Stops it while bytes move. An upload in parts keeps what has arrived; a file in one piece begins from its
   * first byte.
   */
  readonly pause: (key: string) => void;
  readonly resume: (key: string) => void;
  /** Goes on with what failed, was cancelled or ran out of time, from where it was if that is possible. */
  readonly retry: (key: string) => void;
  /** Stops it, and gives it up on the server too unless all bytes are there. */
  readonly cancel: (key: string) => void;
  /** Takes it out of the list, and cancels it first if it has not ended. */
  readonly remove: (key: string) => void;
  /** Pauses all of them, and lets none begin until `go`. */
  readonly stop: () => void;
  /** Begins what has been added or resumed since `stop`. */
  readonly go: () => void;
};

type Judged = 'verifying' | 'scanning' | 'held';

type Ended = Exclude<UploadStatus, 'waiting' | 'starting' | 'hashing' | 'sending' | Judged>;

/** What an abort means. */
type Stop = 'paused' | 'cancelled';

type Entry = {
  view: ListedUpload;
  readonly options: ListedOptions;
  /** the upload to go on with */
  begun: string | undefined;
  /** stops the run that is under way */
  stop: ((as: Stop) => void) | undefined;
};

const AT_ONCE = 3;
const WHOLE_TURN_BYTES = 4 * 1024 ** 2;
const SMALLEST_TURN = 1 / 32;

const TAKES_A_TURN: ReadonlySet<UploadStatus> = new Set(['starting', 'hashing', 'sending']);

// What waits may have been begun before, too: it was paused or failed, and waits for its turn to go on.
const GIVES_UP: ReadonlySet<UploadStatus> = new Set(['waiting', 'paused', 'failed']);

/** A list that asks for what it needs whenever a file begins, so that the newest uploader is used. */
export function createUploadList(latest: () => ListDeps): UploadList {
  const entries = new Map<string, Entry>();
  const listeners = new Set<() => void>();
  let views: readonly ListedUpload[] = [];
  let added = 0;
  let isStopped = false;

  const publish = () => {
    views = Array.from(entries.values(), ({ view }) => view);
    for (const listener of listeners) listener();
  };

  const show = (entry: Entry, change: Partial<ListedUpload>) => {
    entry.view = { ...entry.view, ...change };
    publish();
  };

  /** What has all its bytes is left to its verdict. */
  const giveUp = ({ view: { upload } }: Entry) => {
    if (upload?.state === 'requested') void latest().uploader.giveUp(upload.id);
  };

  /** Begins those whose turn it is. */
  const begin = () => {
    if (isStopped) return;
    const { atOnce } = latest();
    // Small files are begun together, so that they can be requested together.
    const turnOf = ({ totalBytes }: ListedUpload) =>
      atOnce === undefined ? Math.max(SMALLEST_TURN, Math.min(1, totalBytes / WHOLE_TURN_BYTES)) : 1;
    let turns = atOnce ?? AT_ONCE;
    for (const view of views) if (TAKES_A_TURN.has(view.status)) turns -= turnOf(view);
    for (const entry of entries.values()) {
      if (turns <= 0) return;
      if (entry.view.status !== 'waiting') continue;
      turns -= turnOf(entry.view);
      void run(entry);
    }
  };

  const run = async (entry: Entry) => {
    const { uploader, onSettled } = latest();
    const { file } = entry.view;
    const abort = new AbortController();
    let stopped: Stop | undefined;
    let isFound = false;
    const stop = (as: Stop) => {
      stopped = as;
      entry.stop = undefined;
      show(entry, { status: as });
      abort.abort();
      // The uploader gives up what it has found. It may be at looking for what was begun before.
      if (as === 'cancelled' && entry.begun !== undefined && !isFound) giveUp(entry);
    };
    // A stopped run takes a moment to end, and another one of the same file may be under way by then.
    const tell = (change: Partial<ListedUpload>) => {
      if (stopped === undefined) show(entry, change);
    };
    entry.stop = stop;
    show(entry, { status: 'starting', bytes: 0, error: undefined });
    let settled: Upload | undefined;
    try {
      settled = await uploader.upload(file, {
        ...entry.options,
        ...(entry.begun !== undefined && { resume: entry.begun }),
        signal: abort.signal,
        // The uploader looks at it when an abort has ended the run.
        get keep() {
          return stopped === 'paused';
        },
        onProgress: (progress) => {
          const { phase, bytes, totalBytes } = progress;
          const isSent = phase === 'sending' && bytes >= totalBytes;
          tell({ status: isSent ? 'verifying' : phase, bytes });
          if (isSent) begin();
          entry.options.onProgress?.(progress);
        },
        onState: (seen) => {
          isFound = true;
          tell({ upload: seen, ...(isJudged(seen.state) && { status: seen.state }) });
          entry.options.onState?.(seen);
        },
      });
      const { state } = settled;
      tell({ upload: settled, bytes: file.size, ...(isEnd(state) && { status: state }) });
    } catch (error) {
      tell({ status: 'failed', error });
    } finally {
      if (entry.stop === stop) entry.stop = undefined;
      begin();
    }
    // Not above: a mistake in it is no failure of the upload.
    if (settled !== undefined && stopped === undefined) onSettled?.(settled, file);
  };

  const halt = (key: string, as: Stop) => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    const { status } = entry.view;
    if (entry.stop) entry.stop(as);
    else if (as === 'cancelled' && GIVES_UP.has(status)) {
      show(entry, { status: as, error: undefined });
      giveUp(entry);
    } else if (status === 'waiting') show(entry, { status: as });
  };

  const again = (key: string, from: readonly Ended[]) => {
    const entry = entries.get(key);
    if (entry === undefined || !from.some((status) => status === entry.view.status)) return;
    entry.begun = toGoOnWith(entry.view);
    show(entry, { status: 'waiting' });
    begin();
  };

  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    read: () => views,
    add: (file, options = {}) => {
      const key = String(++added);
      const nothing = { bytes: 0, upload: undefined, error: undefined };
      const filename = toFilename(file, options);
      const view: ListedUpload = {
        key,
        file,
        filename,
        status: 'waiting',
        totalBytes: file.size,
        ...nothing,
      };
      entries.set(key, { view, options, begun: undefined, stop: undefined });
      publish();
      begin();
      return key;
    },
    pause: (key) => {
      // All bytes are there: nothing can be stopped but the waiting, and a file in one piece would be sent
      // again.
      const status = entries.get(key)?.view.status;
      if (status !== undefined && !isJudged(status)) halt(key, 'paused');
    },
    cancel: (key) => halt(key, 'cancelled'),
    resume: (key) => again(key, ['paused']),
    retry: (key) => again(key, ['failed', 'cancelled', 'expired', 'aborted']),
    remove: (key) => {
      halt(key, 'cancelled');
      entries.delete(key);
      publish();
    },
    stop: () => {
      isStopped = true;
      for (const key of [...entries.keys()]) halt(key, 'paused');
    },
    go: () => {
      isStopped = false;
      begin();
    },
  };
}

/**
 * The id of an upload whose bytes are, at least in part, there already: what was in one piece begins from its
 * first byte, and so does what was refused for good.
 */
function toGoOnWith({ status, upload, error }: ListedUpload): string | undefined {
  if (status !== 'paused' && !(error instanceof SluiceError && error.retryable)) return undefined;
  if (upload === undefined) return undefined;
  const { id, state, transport } = upload;
  return isJudged(state) || (state === 'requested' && transport === 'multipart') ? id : undefined;
}

function isEnd(state: State): state is Exclude<State, 'requested' | Judged> {
  return isSettled(state);
}

/** All bytes are there, and the verdict is not. */
function isJudged(status: State | UploadStatus): status is Judged {
  return status === 'verifying' || status === 'scanning' || status === 'held';
}
