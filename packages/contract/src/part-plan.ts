/** How a file is cut: every part has `partSize` bytes but the last, which has what is left. */
export type PartPlan = {
  readonly size: number;
  readonly partSize: number;
  readonly partCount: number;
};

const MiB = 1024 ** 2;

/** One PUT or POST carries at most 5 GiB; beyond that S3 takes parts only. */
export const SINGLE_UPLOAD_MAX_BYTES = 5 * 1024 ** 3;

/** S3's own limits: 10,000 parts, of at least 5 MiB each but the last, and 5 TiB in all. */
export const MAX_PARTS = 10_000;
export const MULTIPART_MAX_BYTES = 5 * 1024 ** 4;
export const LEAST_PART_BYTES = 5 * 1024 ** 2;

// Fewer and larger parts than S3 demands: fewer calls, and fewer signatures.
const OWN_LEAST_PART_BYTES = 8 * 1024 ** 2;

/**
 * The parts of a file of `size` bytes, one at least: 8 MiB each, or as many whole MiB as keep their number
 * within S3's limit.
 */
export function planParts(size: number): PartPlan {
  const partSize = Math.max(OWN_LEAST_PART_BYTES, Math.ceil(size / MAX_PARTS / MiB) * MiB);
  return { size, partSize, partCount: Math.ceil(size / partSize) };
}

/**
 * The parts into which Uppy, 5 and 6 alike, cuts a file by itself: its own `getChunkSize`, if it was given
 * one, is another.
 */
export function planUppyParts(size: number): PartPlan {
  const partSize = Math.max(LEAST_PART_BYTES, Math.ceil(size / MAX_PARTS));
  return { size, partSize, partCount: Math.ceil(size / partSize) };
}

/** The bytes of one part; parts are numbered from 1. */
export function partBytes({ size, partSize, partCount }: PartPlan, partNumber: number): number {
  return partNumber < partCount ? partSize : size - partSize * (partCount - 1);
}
