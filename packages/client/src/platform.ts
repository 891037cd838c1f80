/**
 * Bytes on their way up that are not in memory, such as a file on disk. The members are those of a browser's
 * File.
 */
export type FileSource = {
  readonly name: string;
  readonly type?: string;
  /** bytes */
  readonly size: number;
  /** milliseconds since the epoch */
  readonly lastModified?: number;
  /** The bytes, from the first one each time. */
  stream(): AsyncIterable<Uint8Array>;
  /** A piece of it, from one byte up to, not including, another. Reads nothing. */
  slice(start: number, end: number): FileSource;
};

/** What can be uploaded: a browser's File or Blob, or in Node also a file on disk (file.ts). */
export type Source = Blob | FileSource;

/** One object, or one part of an object, on its way to S3. */
export type Delivery =
  | {
      readonly method: 'PUT';
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly source: Source;
    }
  | {
      readonly method: 'POST';
      readonly url: string;
      readonly fields: Readonly<Record<string, string>>;
      readonly source: Source;
      readonly filename: string;
    };

/** S3's answer; `body` is its XML, empty on success. */
export type Receipt = { readonly status: number; readonly body: string };

/**
 * Sends one object without holding it in memory, and resolves with whatever was answered. `onSent` tells the
 * bytes of the file sent so far. Rejects with NetworkError when no answer came, with SourceError when the
 * file could not be read, and with the signal's reason when it aborts.
 */
export type Send = (
  delivery: Delivery,
  options: { readonly signal: AbortSignal; readonly onSent: (bytes: number) => void },
) => Promise<Receipt>;

/** A hash that takes its input a chunk at a time. */
export type CreateHash = () => { update(chunk: Uint8Array): void; digest(): Uint8Array };

/**
 * What browsers and Node do differently. package.json's `#platform` picks platform-browser.ts or
 * platform-node.ts.
 */
export type Platform = {
  readonly send: Send;
  readonly createSha256: CreateHash;
  /** how many connections to S3 are good to have at once */
  readonly concurrency: number;
};
