const MOST_CHARACTERS = 200;
const MOST_IN_A_LIST = 10;

/**
 * A text out of a file, fit to show: one short line without what controls a terminal or turns a line around.
 */
export function toShowable(text: string): string {
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd').toWellFormed();
  return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS - 1).toWellFormed()}…`;
}

/** The first ten different ones, each fit to show. */
export function toShowableList(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)].slice(0, MOST_IN_A_LIST).map(toShowable);
}
