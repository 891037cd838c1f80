import { ACTING } from '@sluice/contract/filename';

/** Names that a list has at most. */
export const LIST_MAX_NAMES = 10;

const NAME_MAX_BYTES = 60;
const UNSAFE = new RegExp(`[${ACTING}\\p{Cs}\\p{Co}\\p{Cn}]`, 'gu');

/**
 * A name from inside a file, fit to show: without characters that act, and no longer than 60 bytes. Of a long
 * one its end stays, which says what it is.
 */
export function toShown(name: string): string {
  const plain = name.slice(-1024).replaceAll(UNSAFE, '\u{fffd}');
  if (name.length <= 1024 && Buffer.byteLength(plain) <= NAME_MAX_BYTES) return plain;
  const kept: string[] = [];
  let bytes = 3;
  for (const character of [...plain].reverse()) {
    bytes += Buffer.byteLength(character);
    if (bytes > NAME_MAX_BYTES) break;
    kept.push(character);
  }
  return `…${kept.reverse().join('')}`;
}

/** Names fit to show, the first ones that are different. */
export type ShownNames = {
  /** `what` continues a sentence after the name */
  readonly add: (name: string, what?: string) => void;
  readonly list: () => readonly string[];
};

/** A list that never grows beyond what a row can hold. */
export function createShownNames(most: number = LIST_MAX_NAMES): ShownNames {
  const names = new Set<string>();
  return {
    add(name, what) {
      if (names.size < most) names.add(what === undefined ? toShown(name) : `${toShown(name)} ${what}`);
    },
    list: () => [...names],
  };
}
