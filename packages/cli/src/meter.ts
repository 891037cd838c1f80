import { toSize } from '@sluice/contract/size-text';
import { toBar } from './live.ts';

/**
 * How far a transfer is, for a line that changes in place: a bar where the end is known, and the speed once
 * it means something.
 */
export function toMeter(
  bytes: number,
  totalBytes: number | undefined,
  elapsedMs: number,
  movedBytes: number = bytes,
): string {
  const speed = elapsedMs < 500 ? '' : `  ${toSize((movedBytes / elapsedMs) * 1000)}/s`;
  if (totalBytes === undefined) return `${toSize(bytes)}${speed}`;
  const share = totalBytes === 0 ? 1 : bytes / totalBytes;
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `${toBar(share)} ${percent}  ${toSize(bytes)} of ${toSize(totalBytes)}${speed}`;
}
