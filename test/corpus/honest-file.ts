import type { ContentType } from '@sluice/contract/content-types';
import { honestFile } from './bytes.ts';

/** A file that is what it is said to be. */
export type HonestFile = {
  readonly name: string;
  readonly type: ContentType;
  readonly bytes: Uint8Array;
  /** who made it */
  readonly source: string;
};

const BY_HAND = 'by hand';

/** One that a program made, kept in `honest/`. */
export function file(name: string, type: ContentType, source: string): HonestFile {
  return { name, type, bytes: honestFile(name), source };
}

export function text(name: string, type: ContentType, content: string): HonestFile {
  return made(name, type, Buffer.from(content));
}

export function made(name: string, type: ContentType, bytes: Uint8Array): HonestFile {
  return { name, type, bytes, source: BY_HAND };
}
