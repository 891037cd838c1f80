const END_OF_FILE = 0x1a;
const IS_CONTROL = Uint8Array.from({ length: 256 }, (_, byte) =>
  // White space is text, and so is what begins the colours of a terminal.
  byte < 0x20 && !(byte >= 9 && byte <= 13) && byte !== 0x1b ? 1 : 0,
);

/**
 * Looks for control characters, which text does not have, in one chunk after the other; says where the first
 * is. DOS ends a text with a mark, and fills a block with it: nothing else may come after.
 */
export function findControl(): (chunk: Uint8Array) => string | undefined {
  let before = 0;
  let endAt: number | undefined;
  return (chunk) => {
    const length = chunk.length;
    let at = 0;
    for (;;) {
      if (endAt === undefined) while (at < length && IS_CONTROL[chunk[at] as number] === 0) at++;
      if (at === length) break;
      if (chunk[at] !== END_OF_FILE) return toFlaw(endAt ?? before + at);
      endAt ??= before + at;
      at++;
    }
    before += length;
    return undefined;
  };
}

function toFlaw(at: number): string {
  return `byte ${at} is a control character, which text does not have`;
}
