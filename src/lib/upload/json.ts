/** True when the text is one JSON value or, where it goes on beyond what is known of it, can still become one. */
export const isJson = (text: string, isWhole: boolean): boolean =>
  isWhole ? parses(text) : canBecomeJson(text);

/** True when every line is a JSON value; the last one only has to be able to become one where the text goes on. */
export const isJsonLines = (text: string, isWhole: boolean): boolean => {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  const isLine = (line: string): boolean => line.trim() === '' || parses(line);
  return lines.every(isLine) && (isWhole ? isLine(last) : canBecomeJson(last));
};

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

// Each alternative begins with a character of its own, so matching is linear in the length of the text.
const TOKEN =
  /(?<scalar>(?<string>"(?:[^"\\]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|(?<mark>[[\]{}:,])/y;
const CUT_STRING = /"(?:[^"\\]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*(?:\\(?:u[\da-fA-F]{0,3})?)?$/y;
const CUT_NUMBER = /-?(?:0|[1-9]\d*)?(?:\.\d*)?(?:[eE][+-]?\d*)?$/y;
const CUT_WORD = /(?:t|tr|tru|f|fa|fal|fals|n|nu|nul)$/y;
const SPACE = /[\t\n\r ]*/y;

type Next = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'more';

/** Walks the grammar of RFC 8259 over a text that may stop anywhere. */
const canBecomeJson = (text: string): boolean => {
  const open: ('[' | '{')[] = [];
  let next: Next = 'value';
  let at = 0;
  const matches = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };

  for (;;) {
    at += matches(SPACE)?.[0].length ?? 0;
    if (at === text.length) return true;
    const wantsValue = next === 'value' || next === 'value or ]';
    const wantsKey = next === 'key' || next === 'key or }';
    if ((wantsValue || wantsKey) && matches(CUT_STRING)) return true;
    if (wantsValue && (matches(CUT_NUMBER) ?? matches(CUT_WORD))) return true;

    const token = matches(TOKEN);
    if (token === null) return false;
    at += token[0].length;
    const { scalar, string, mark } = token.groups ?? {};
    if (scalar !== undefined && wantsValue) next = 'more';
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
};
