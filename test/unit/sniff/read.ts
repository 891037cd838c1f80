import { type Sniffed, sniff } from '../../../src/lib/sniff/sniff.ts';
import { sourceOf } from '../../fakes/source.ts';

/** What a file is said to be, and how much was read of it after its prefix. */
export async function read(
  bytes: Uint8Array,
  declaredType: string,
): Promise<{ readonly sniffed: Sniffed; readonly reads: readonly { readonly length: number }[] }> {
  const source = sourceOf(bytes);
  return { sniffed: await sniff(source, { declaredType }), reads: source.reads };
}

/** The type that a file is recognised as, or else the kind of answer. */
export async function typeOf(bytes: Uint8Array, declaredType: string): Promise<string> {
  const { sniffed } = await read(bytes, declaredType);
  return sniffed.kind === 'recognised' ? sniffed.type : sniffed.kind;
}

// Bytes that no packing makes smaller, the same each time.
const NOISE = Buffer.alloc(1_000_000);
NOISE.reduce((state, _, at) => {
  const next = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  NOISE[at] = next >>> 24;
  return next;
}, 1);
/** As many bytes that no packing makes smaller. */
export function noise(length: number): Buffer {
  return NOISE.subarray(0, length);
}
