import { hash } from 'node:crypto';

export const COMPARED_SIGNATURES = 100;

/** One number for the first signatures, so that a process can report them and be compared with others. */
export function toFingerprint(signatures: readonly string[]): number {
  return Number.parseInt(hash('sha256', signatures.slice(0, COMPARED_SIGNATURES).join()).slice(0, 12), 16);
}
