import { startsWith, viewOf } from './bytes.ts';
import { isMpegAudio, skipId3 } from './mpeg.ts';
import type { Bytes, Signature } from './probe.ts';

/**
 * Reads MPEG audio, AAC in its transport stream (ADTS, ISO/IEC 14496-3) and FLAC, each with or without an ID3
 * tag before it. After a tag that is longer than the prefix, such as one with a cover picture, any of the
 * three may follow.
 */
export function probeSound({ prefix, isWhole }: Bytes): Signature | undefined {
  const start = skipId3(prefix);
  if (start >= prefix.length) {
    return start > 0 && !isWhole ? { types: ['audio/mpeg', 'audio/flac', 'audio/aac'] } : undefined;
  }
  // Taggers leave room between the tag and the sound.
  const gap = start === 0 ? 0 : prefix.subarray(start).findIndex((byte) => byte !== 0);
  if (gap < 0) return isWhole ? undefined : { types: ['audio/mpeg', 'audio/flac', 'audio/aac'] };
  const sound = prefix.subarray(start + gap);
  if (startsWith(sound, 'fLaC')) {
    return isFlac(sound)
      ? { types: ['audio/flac'] }
      : { beginsAs: 'audio/flac', flaw: 'it does not say how to read its sound' };
  }
  // AAC in its own kind of file has one header for all of it.
  if (startsWith(sound, 'ADIF') && sound.length > 16) return { types: ['audio/aac'] };
  if (isMpegAudio(sound, isWhole)) return { types: ['audio/mpeg'] };
  return isAdts(sound, isWhole) ? { types: ['audio/aac'] } : undefined;
}

/** The first block is the stream's description, of 34 bytes (RFC 9639, section 8). */
function isFlac(sound: Uint8Array): boolean {
  return sound.length >= 42 && (viewOf(sound).getUint32(4) & 0x7fffffff) === 34;
}

/** Frame after frame: twelve set bits alone appear by chance in one of four thousand files. */
function isAdts(sound: Uint8Array, isWhole: boolean): boolean {
  let at = 0;
  for (let frames = 0; frames < 3; frames++) {
    if (at + 7 > sound.length) return frames > 0 && (at === sound.length || !isWhole);
    const [sync = 0, kind = 0, rates = 0] = sound.subarray(at, at + 3);
    const length = ((viewOf(sound).getUint32(at + 3) >>> 13) & 0x1fff) as number;
    if (sync !== 0xff || (kind & 0xf6) !== 0xf0 || ((rates >> 2) & 15) > 12 || length < 8) return false;
    at += length;
  }
  return true;
}
