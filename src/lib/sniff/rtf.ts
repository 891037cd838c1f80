import { toLatin1 } from './bytes.ts';
import type { Bytes, Signature } from './probe.ts';

/** True if a text begins like RTF: a group, its version, and a control word or the next group. */
export function isRtf(text: string): boolean {
  return /^\{\\rtf\d{0,2}[\\\s{]/.test(text);
}

/** Reads RTF that is not text to Sluice: it may be in any code page, and hold pictures as bytes. */
export function probeRtf({ prefix }: Bytes): Signature | undefined {
  return isRtf(toLatin1(prefix.subarray(0, 16))) ? { types: ['application/rtf'] } : undefined;
}
