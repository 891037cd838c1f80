/** True if the text is one JSON value or, if it goes on beyond the known part, can still become one. */
export function isJson(text: string, isWhole: boolean): boolean {
  return isWhole ? parses(text) : canBecomeJson(text);
}

/**
 * True if every line is a JSON value; if the text goes on, the last one only has to be able to become one.
 */
export function isJsonLines(text: string, isWhole: boolean): boolean {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  const isLine = (line: string): boolean => line.trim() === '' || parses(line);
  return lines.every(isLine) && (isWhole ? isLine(last) : canBecomeJson(last));
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

// RFC 8259. Each alternative begins with a character of its own, so that matching is linear in the length of
// the text. A number ends only before what cannot belong to it: `1.` is not a 1 followed by an error, but a
// number cut off.
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has none in its strings
  /[\t\n\r ]*(?:("(?:[^"\\\0-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\d.eE+-])|true|false|null)|([[\]{}:,]))/y;
const END = /[\t\n\r ]*$/y;
const CUT_STRING =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
  /[\t\n\r ]*"(?:[^"\\\0-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*(?:\\(?:u[\da-fA-F]{0,3})?)?$/y;
const CUT_SCALAR =
  /[\t\n\r ]*(?:-|-?(?:0|[1-9]\d*)(?:\.\d*|(?:\.\d+)?[eE][+-]?\d*)|t|tr|tru|f|fa|fal|fals|n|nu|nul)$/y;

type Next = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'more';

/** Walks the grammar over a text that may stop anywhere. */
function canBecomeJson(text: string): boolean {
  const open: ('[' | '{')[] = [];
  let next: Next = 'value';
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };

  for (;;) {
    const wantsValue = next === 'value' || next === 'value or ]';
    const wantsKey = next === 'key' || next === 'key or }';
    const token = match(TOKEN);
    if (token === null) {
      if (match(END)) return true;
      const cut =
        (wantsValue || wantsKey ? match(CUT_STRING) : null) ?? (wantsValue ? match(CUT_SCALAR) : null);
      return cut !== null;
    }
    const [all, string, scalar, mark] = token;
    at += all.length;
    if ((string ?? scalar) !== undefined && wantsValue) next = 'more';
    else if (string !== undefined && wantsKey) next = 'colon';
    else if (mark === ':' && next === 'colon') next = 'value';
    else if ((mark === '[' || mark === '{') && wantsValue) {
      open.push(mark);
      next = mark === '[' ? 'value or ]' : 'key or }';
    } else if (mark === ',' && next === 'more' && open.length > 0) {
      next = open.at(-1) === '[' ? 'value' : 'key';
    } else if (
      (mark === ']' && open.at(-1) === '[' && (next === 'more' || next === 'value or ]')) ||
      (mark === '}' && open.at(-1) === '{' && (next === 'more' || next === 'key or }'))
    ) {
      open.pop();
      next = 'more';
    } else return false;
  }
}
