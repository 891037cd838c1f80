// Runs in the browser: the same few handles on either major of Uppy, so that one test can hold both to the
// same behaviour.

/** How a page's Uppy is set up. */
export type Setting = {
  /** the `companionEndpoint` of 6, the `endpoint` of 5 */
  readonly base: string;
  /** a bearer token: the `headers` of 5; 6 then signs by `signRequest` */
  readonly bearer?: string;
  readonly multipart?: boolean;
  /** keep files over a reload, by Golden Retriever */
  readonly keep?: boolean;
  /** what to do at the moment at which this many parts of a file have been sent */
  readonly atPart?: { readonly count: number; readonly act: 'pause' | 'cancel' };
};

/** A file made in the page: `head` and zeros up to `size`. */
export type Made = {
  readonly name: string;
  readonly type?: string;
  /** bytes as characters up to U+00FF */
  readonly head: string;
  readonly size: number;
  readonly meta?: Readonly<Record<string, unknown>>;
};

/** What came of a file, as Uppy told the page. */
export type Outcome = {
  readonly name: string;
  readonly key?: string;
  readonly location?: string;
  readonly error?: string;
};

export type Driver = {
  open(setting: Setting): void;
  add(files: readonly Made[]): void;
  /** Uploads what was added. Settles when Uppy has; what came of each file is read with `outcomes`. */
  upload(): Promise<void>;
  retry(): Promise<void>;
  resume(): void;
  /** Goes on with what Golden Retriever has brought back. */
  restore(): void;
  outcomes(): readonly Outcome[];
  /** how many files there are, sent or not */
  count(): number;
  /** how many parts were sent, and in which multipart upload */
  parts(): number;
  state(): readonly { readonly name: string; readonly isPaused: boolean; readonly multipartKey?: string }[];
};

type File = {
  readonly name?: string | undefined;
  readonly isPaused?: boolean | undefined;
  readonly s3Multipart?: { readonly key?: string } | undefined;
};

/** What is used of Uppy here; it is the same in both majors. */
export type AnyUppy = {
  addFile(file: { name: string; type?: string; data: Blob; meta?: Record<string, unknown> }): unknown;
  upload(): Promise<unknown>;
  retryAll(): Promise<unknown>;
  pauseAll(): void;
  resumeAll(): void;
  cancelAll(): void;
  getFiles(): readonly File[];
  onPart(listener: () => void): void;
  onSuccess(
    listener: (
      file: File | undefined,
      response: { body?: { key?: unknown }; uploadURL?: string | undefined },
    ) => void,
  ): void;
  onError(listener: (file: File | undefined, error: { message: string }) => void): void;
  restore(): void;
};

const MEGABYTE = 1024 ** 2;

function toBlob({ head, size, type }: Made): Blob {
  const first = Uint8Array.from(head, (character) => character.charCodeAt(0)).slice(0, size);
  const zeros = new Uint8Array(MEGABYTE);
  const pieces: Uint8Array<ArrayBuffer>[] = [first];
  for (let left = size - first.length; left > 0; left -= MEGABYTE) {
    pieces.push(left >= MEGABYTE ? zeros : zeros.slice(0, left));
  }
  return new Blob(pieces, type === undefined ? {} : { type });
}

export function createDriver(connect: (setting: Setting) => AnyUppy): Driver {
  let uppy: AnyUppy | undefined;
  let sent = 0;
  const outcomes = new Map<string, Outcome>();
  const current = (): AnyUppy => {
    if (!uppy) throw new Error('no Uppy was opened');
    return uppy;
  };

  return {
    open(setting) {
      const opened = connect(setting);
      uppy = opened;
      opened.onPart(() => {
        sent += 1;
        if (sent !== setting.atPart?.count) return;
        if (setting.atPart.act === 'pause') opened.pauseAll();
        else opened.cancelAll();
      });
      opened.onSuccess((file, { body, uploadURL }) => {
        const name = file?.name ?? '';
        const key = typeof body?.key === 'string' ? { key: body.key } : {};
        outcomes.set(name, { name, ...key, ...(uploadURL !== undefined && { location: uploadURL }) });
      });
      opened.onError((file, error) => {
        const name = file?.name ?? '';
        outcomes.set(name, { name, error: error.message });
      });
    },
    add(files) {
      for (const made of files) {
        const { name, type, meta } = made;
        current().addFile({
          name,
          data: toBlob(made),
          ...(type && { type }),
          ...(meta && { meta: { ...meta } }),
        });
      }
    },
    async upload() {
      await current().upload();
    },
    async retry() {
      outcomes.clear();
      await current().retryAll();
    },
    resume: () => current().resumeAll(),
    restore: () => current().restore(),
    outcomes: () => [...outcomes.values()],
    count: () => current().getFiles().length,
    parts: () => sent,
    state: () =>
      current()
        .getFiles()
        .map(({ name = '', isPaused = false, s3Multipart }) => ({
          name,
          isPaused,
          ...(s3Multipart?.key !== undefined && { multipartKey: s3Multipart.key }),
        })),
  };
}

declare global {
  var driver: Driver;
}
