import type { InspectionLimits } from './file.ts';
import type { Looked } from './inspect.ts';

/** What a thread is started with. */
export type Task = {
  readonly file: { readonly size: number; readonly type: string; readonly name: string };
  readonly limits: InspectionLimits;
};

/** What a thread asks of the side that has the file. */
export type Asked =
  | { readonly ask: 'read'; readonly id: number; readonly start: number; readonly length: number }
  | { readonly ask: 'stream'; readonly id: number; readonly start: number; readonly end: number }
  /**
   * so many bytes of a stream are used up: as many more may be sent, in the same memory if it is given back
   */
  | { readonly ask: 'more'; readonly id: number; readonly bytes: number; readonly back?: ArrayBuffer }
  | { readonly ask: 'stop'; readonly id: number }
  | { readonly ask: 'done'; readonly looked: Looked }
  /** the look ended by a fault that this side has sent */
  | { readonly ask: 'fault' };

/** What it is answered. Bytes are given away with the message, and not copied. */
export type Answered =
  | { readonly id: number; readonly bytes: Uint8Array }
  | { readonly id: number; readonly end: true }
  | { readonly id: number; readonly fault: true };

/** How many bytes of a stream are on their way at once. */
export const ON_THE_WAY_BYTES = 4 * 1024 * 1024;
/** Chunks are joined up to this size: each message has its price. */
export const MESSAGE_BYTES = 256 * 1024;
