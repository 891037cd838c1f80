const MAX_CHARACTERS = 255;

// Control and separator characters, those that turn the reading direction round, and both slashes.
const HOSTILE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069/\\]/u;
const EVERY_HOSTILE = new RegExp(HOSTILE, 'gu');

/** True for a name that can be shown, stored and offered for download as it stands. */
export const isFilename = (name: string): boolean =>
  name.length >= 1 &&
  name.length <= MAX_CHARACTERS &&
  name.isWellFormed() &&
  !HOSTILE.test(name) &&
  name !== '.' &&
  name !== '..';

/**
 * The nearest name that `isFilename` takes, for clients that send a name as they find it and cannot be told to choose
 * another: what is hostile becomes `_`, what is too long is cut before its extension. Undefined for the empty name.
 */
export const toFilename = (text: string): string | undefined => {
  const name = text.toWellFormed().replace(EVERY_HOSTILE, '_');
  if (name === '') return undefined;
  if (name === '.' || name === '..') return name.replaceAll('.', '_');
  if (name.length <= MAX_CHARACTERS) return name;
  const extension = /\.[^.]{1,16}$/u.exec(name)?.[0] ?? '';
  // Well-formed once more: the cut may have gone through the middle of a character.
  return name.slice(0, MAX_CHARACTERS - extension.length).replace(/[\ud800-\udbff]$/, '') + extension;
};
