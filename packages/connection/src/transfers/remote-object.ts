import type { ByteRange } from './byte-range.ts';
import type { StoredChecksum } from './checksum.ts';
import type { Destination } from './destination.ts';

/** An object of some store that was looked up. All that is read of it is of these bytes, or fails. */
export type RemoteObject = {
  /** what it is called in messages */
  readonly shown: string;
  /** where it is, if that is known here */
  readonly name?: { readonly bucket: string; readonly key: string };
  /** what makes it this object and no other, for what is kept of it from one run to the next */
  readonly identity: readonly unknown[];
  readonly bytes: number;
  readonly checksum: StoredChecksum | undefined;
  /** Sizes of its parts in order; empty when not needed to understand the checksum. */
  readonly partBytes: readonly number[];
  /**
   * Reads a range into a destination, with one try of its body: what came before it broke off stays there.
   */
  readonly fetch: (range: ByteRange, into: Destination, signal: AbortSignal) => Promise<void>;
};
