/** As much of a cell as is looked at. */
export const CELL_BYTES = 256;

// As spreadsheets of East Asia take them: for the signs that they are the wide forms of.
const WIDE: Readonly<Record<string, string>> = { '＝': '=', '＋': '+', '－': '-', '＠': '@' };
const CALL = /[A-Za-z]\(/;
// cmd|'/c calc'!A0: starts a program, where a spreadsheet still does that.
const DYNAMIC_EXCHANGE = /\|.*!/s;
const NAMED_NUMBER = /^[-+](?:inf(?:inity)?|nan|n\/?a)$/i;

/** True for a byte with which a formula can begin: a sign, or white space before one. */
export function mayBeginFormula(byte: number): boolean {
  return byte === 0x3d || byte === 0x2b || byte === 0x2d || byte === 0x40 || byte === 0xef || isBlank(byte);
}

function isBlank(byte: number): boolean {
  return byte === 9 || byte === 13 || byte === 10;
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
