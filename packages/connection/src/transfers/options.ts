import { ParamValidationError } from '../errors/settings.ts';
import { type Bandwidth, createBandwidth } from './bandwidth.ts';

/** How a transfer is cut and how many hands work on it. The defaults are s3transfer's, which boto3 uses. */
export type TransferOptions = {
  /** From this size on, an upload goes in parts and a download in ranges. Default 8 MiB. */
  readonly thresholdBytes?: number;
  /**
   * Size of a part or range; doubled until 10 000 suffice. Default 8 MiB. In uploads and copies fewer than 5
   * MiB count as 5 MiB, as in boto3, and more than 5 GiB are refused.
   */
  readonly partBytes?: number;
  /** Parts or ranges under way at once. Default 10. Memory is bounded by this times the part size. */
  readonly concurrency?: number;
  /**
   * Tries of one range whose body breaks off; attempts before the body are the client's `maxAttempts`.
   * Default 5.
   */
  readonly rangeAttempts?: number;
  /**
   * The most bytes each second that this transfer sends or receives (boto3: `max_bandwidth`). Default: that
   * of the client.
   */
  readonly maxBytesPerSecond?: number;
  /** The same, shared with other transfers that are given it. Made by `createBandwidth`. */
  readonly bandwidth?: Bandwidth;
  /**
   * Called after each piece with the total so far; never goes back. Exceptions it throws end the transfer.
   */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the transfer with an `AbortedError` as its cause. */
  readonly signal?: AbortSignal;
};

/** How far a transfer is. */
export type Progress = {
  readonly transferredBytes: number;
  /** Undefined for a stream, which does not say. */
  readonly totalBytes: number | undefined;
};

/** `TransferOptions` with every number settled. */
export type TransferPlan = {
  readonly thresholdBytes: number;
  readonly partBytes: number;
  readonly concurrency: number;
  readonly rangeAttempts: number;
  readonly bandwidth: Bandwidth | undefined;
  readonly advance: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
};

const MIB = 2 ** 20;
const MAX_PARTS = 10_000;
/** S3 refuses every part that is smaller, except the last one. */
const MIN_PART_BYTES = 5 * MIB;
/** The largest part, and the largest object one PUT or one copy can make. */
export const MAX_PART_BYTES = 5 * 1024 * MIB;

/** As `planTransfer`, for parts that S3 is to put together. */
export function planParts(options: TransferOptions, totalBytes: number | undefined): TransferPlan {
  const plan = planTransfer(options, totalBytes);
  if ((options.partBytes ?? 0) > MAX_PART_BYTES) {
    throw new ParamValidationError({
      message: `partBytes must be at most ${MAX_PART_BYTES} (5 GiB), not ${options.partBytes}`,
    });
  }
  if (totalBytes !== undefined && totalBytes > MAX_PARTS * MAX_PART_BYTES) {
    throw new ParamValidationError({ message: `${totalBytes} bytes do not fit into 10 000 parts of 5 GiB` });
  }
  const partBytes = fitPartBytes(Math.max(plan.partBytes, MIN_PART_BYTES), totalBytes ?? 0);
  return { ...plan, partBytes: Math.min(partBytes, MAX_PART_BYTES) };
}

/** Checks the options and fits the part size to the object. Throws `ParamValidationError`. */
export function planTransfer(options: TransferOptions, totalBytes: number | undefined): TransferPlan {
  const {
    thresholdBytes = 8 * MIB,
    partBytes = 8 * MIB,
    concurrency = 10,
    rangeAttempts = 5,
    maxBytesPerSecond,
    bandwidth = maxBytesPerSecond === undefined ? undefined : createBandwidth(maxBytesPerSecond),
    signal,
  } = options;
  for (const [name, value] of Object.entries({ thresholdBytes, partBytes, concurrency, rangeAttempts })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new ParamValidationError({ message: `${name} must be a whole number from 1, not ${value}` });
    }
  }
  let transferredBytes = 0;
  return {
    thresholdBytes,
    partBytes: fitPartBytes(partBytes, totalBytes ?? 0),
    concurrency: bandwidth ? Math.min(concurrency, handsFor(bandwidth)) : concurrency,
    rangeAttempts,
    bandwidth,
    signal,
    advance(bytes) {
      transferredBytes += bytes;
      options.onProgress?.({ transferredBytes, totalBytes });
    },
  };
}

/** Below this, parts side by side would only make each other wait, until a server takes one for dead. */
const LEAST_BYTES_PER_HAND = 64 * 1024;

function handsFor({ bytesPerSecond }: Bandwidth): number {
  return Math.max(1, Math.floor(bytesPerSecond / LEAST_BYTES_PER_HAND));
}

function fitPartBytes(partBytes: number, totalBytes: number): number {
  let fitting = partBytes;
  while (Math.ceil(totalBytes / fitting) > MAX_PARTS) fitting *= 2;
  return fitting;
}
