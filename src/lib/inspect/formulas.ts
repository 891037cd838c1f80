/** As much of a cell as is looked at. */
export const CELL_BYTES = 256;

// As spreadsheets of East Asia take them: for the signs that they are the wide forms of.
const WIDE: Readonly<Record<string, string>> = { '＝': '=', '＋': '+', '－': '-', '＠': '@' };
const CALL = /[A-Za-z]\(/;
// cmd|'/c calc'!A0: starts a program, where a spreadsheet still does that.
const DYNAMIC_EXCHANGE = /\|.*!/s;
const NAMED_NUMBER = /^[-+](?:inf(?:inity)?|nan|n\/?a)$/i;

/**
 * 1 for a byte with which a formula can begin: a sign, white space before one, or the first of a wide sign.
 */
export const BEGINS_FORMULA = Uint8Array.from({ length: 256 }, (_, byte) =>
  '=+-@\t\r\n\xef'.includes(String.fromCharCode(byte)) ? 1 : 0,
);

const IN_NUMBER = Uint8Array.from({ length: 256 }, (_, byte) =>
  '0123456789.,+-'.includes(String.fromCharCode(byte)) ? 1 : 0,
);

/** True if nothing but a number is there, which is what most cells are that begin with a sign. */
export function isNumber(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (IN_NUMBER[bytes[at] as number] === 0) return false;
  return true;
}

/**
 * True for a cell that a spreadsheet runs as a formula when it opens the file. With + and - begin numbers and
 * words, too, and with @ the names of people.
 */
export function isFormula(start: string): boolean {
  const cell = start.replace(/^[\t\r\n]+/, '');
  const [first = ''] = cell;
  const sign = WIDE[first] ?? first;
  if (sign === '=') return cell.length > 1;
  const isRun = CALL.test(cell) || DYNAMIC_EXCHANGE.test(cell);
  if (sign === '@') return isRun;
  if (sign !== '+' && sign !== '-') return false;
  return isRun || (/^.[A-Za-z@=("$']/.test(cell) && !NAMED_NUMBER.test(cell));
}
