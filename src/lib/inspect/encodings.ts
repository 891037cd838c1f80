import { isAscii, isUtf8 } from 'node:buffer';
import type { Charset } from '@sluice/contract/encoding';
import { readText } from '../sniff/text.ts';
import { readUnmarkedText } from '../sniff/unmarked-text.ts';
import { findControl } from './controls.ts';
import type { InspectedFile } from './file.ts';
import { endOfWhole, findInvalid } from './utf8.ts';

/** A text as UTF-8 without its byte order mark, whatever it is encoded in. */
export type Utf8Text = {
  /** in order; a character can be split between two. They end where the text has a flaw. */
  readonly chunks: () => AsyncIterable<Buffer>;
  /** as far as the text was read */
  readonly charset: () => Charset;
  /** what is no text, once it has been met: fit to show */
  readonly flaw: () => string | undefined;
};

const HEAD_BYTES = 8192;
// What a windows-1252 decoder has no character for.
const UNDEFINED_1252 = /[\x81\x8d\x8f\x90\x9d]/;

/**
 * Reads all of a text. A text that begins as ASCII can turn out to be windows-1252 at its first byte beyond
 * that, wherever it is.
 */
export function readUtf8(file: InspectedFile): Utf8Text {
  let charset: Charset = 'utf-8';
  let flaw: string | undefined;
  return {
    charset: () => charset,
    flaw: () => flaw,
    async *chunks() {
      const head = await file.read({ start: 0, length: Math.min(HEAD_BYTES, file.size) });
      charset = toCharset(head, head.length === file.size);
      const controls = findControl();
      const decode = decoderOf(charset, (found) => {
        charset = found;
      });
      for await (const chunk of file.stream(0, file.size, true)) {
        const decoded = decode(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength), false);
        const control = controls(decoded.bytes);
        flaw = control ?? decoded.flaw;
        // What is right up to the flaw can have another one before it.
        if (decoded.bytes.length > 0) yield decoded.bytes;
        if (flaw !== undefined) return;
      }
      flaw = decode(Buffer.alloc(0), true).flaw;
    },
  };
}

function toCharset(head: Uint8Array, isWhole: boolean): Charset {
  const [first, second] = head;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if ('text' in readText(head, isWhole)) return 'utf-8';
  const unmarked = readUnmarkedText(head, isWhole);
  return 'text' in unmarked ? unmarked.charset : 'utf-8';
}

type Decoded = { readonly bytes: Buffer; readonly flaw?: string };
type Decode = (chunk: Buffer, isLast: boolean) => Decoded;

function decoderOf(charset: Charset, turnTo: (charset: Charset) => void): Decode {
  if (charset === 'windows-1252') return decode1252(0);
  return charset === 'utf-8' ? decodeUtf8(turnTo) : decodeUtf16(charset);
}

function decodeUtf8(turnTo: (charset: Charset) => void): Decode {
  let held = Buffer.alloc(0);
  let at = 0;
  let isAsciiSoFar = true;
  let other: Decode | undefined;
  return (chunk, isLast) => {
    if (other) return other(chunk, isLast);
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const whole = isLast ? bytes.length : endOfWhole(bytes);
    const sound = bytes.subarray(0, whole);
    if (isUtf8(sound)) {
      held = Buffer.from(bytes.subarray(whole));
      isAsciiSoFar &&= isAscii(sound);
      const start = at === 0 && sound[0] === 0xef && sound[1] === 0xbb && sound[2] === 0xbf ? 3 : 0;
      at += whole;
      return { bytes: sound.subarray(start) };
    }
    const wrong = findInvalid(sound);
    if (isAsciiSoFar && isAscii(sound.subarray(0, wrong)) && is1252(bytes, wrong)) {
      turnTo('windows-1252');
      other = decode1252(at);
      return other(bytes, isLast);
    }
    return { bytes: sound.subarray(0, wrong), flaw: `byte ${at + wrong} is not valid UTF-8` };
  };
}

/** True if the bytes around the first one that is no UTF-8 are a text of windows-1252. */
function is1252(bytes: Buffer, wrong: number): boolean {
  const around = bytes.subarray(Math.max(0, wrong - HEAD_BYTES / 2), wrong + HEAD_BYTES / 2);
  const read = readUnmarkedText(around, true);
  return 'text' in read && read.charset === 'windows-1252';
}

function decode1252(start: number): Decode {
  const decoder = new TextDecoder('windows-1252');
  let at = start;
  return (chunk) => {
    const wrong = chunk.toString('latin1').search(UNDEFINED_1252);
    const sound = wrong === -1 ? chunk : chunk.subarray(0, wrong);
    const bytes = isAscii(sound) ? sound : Buffer.from(decoder.decode(sound));
    const place = at + wrong;
    at += chunk.length;
    return wrong === -1 ? { bytes } : { bytes, flaw: `byte ${place} is neither UTF-8 nor windows-1252` };
  };
}

function decodeUtf16(charset: Charset): Decode {
  const decoder = new TextDecoder(charset === 'utf-16be' ? 'utf-16be' : 'utf-16le', { fatal: true });
  let at = 0;
  return (chunk, isLast) => {
    try {
      const bytes = Buffer.from(decoder.decode(chunk, { stream: !isLast }));
      at += chunk.length;
      return { bytes };
    } catch {
      const place = isLast ? 'its end' : `the ${chunk.length} bytes from byte ${at} on`;
      return { bytes: Buffer.alloc(0), flaw: `${place} are not valid UTF-16`.replace('end are', 'end is') };
    }
  };
}
