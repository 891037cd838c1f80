import { BEGINS_FORMULA, CELL_BYTES, isFormula, isNumber } from './formulas.ts';
import type { TextReader } from './text-reader.ts';

const QUOTE = 0x22;
const LF = 10;
const CR = 13;
// As Excel writes it on request.
const NAMED = /^sep=(.)(?:\r\n?|\n)/;
const HEAD_BYTES = 8192;
const SEPARATORS = [',', ';', '\t', '|'];

/**
 * Reads CSV (RFC 4180) as spreadsheets do, in constant memory. The separator is the one that the first row
 * has most of, unless it is given.
 */
export function createCsvReader(given?: string): TextReader {
  let separator = given?.charCodeAt(0);
  let stops = new Uint8Array();
  let head = Buffer.alloc(0);
  let line = 1;
  let rowLine = 1;
  let rows = 0;
  let columns: number | undefined;
  let ragged: number | undefined;
  let formulas = 0;
  let cells = 0;
  let cell: 'start' | 'plain' | 'quoted' | 'after quote' = 'start';
  let quoteLine = 0;
  let wasReturn = false;
  /** the beginning of a cell that may be a formula */
  let kept: number[] | undefined;
  let isFresh = true;

  const take = (chunk: Buffer, from: number, to: number) => {
    if (from === to) return;
    const begins = isFresh && BEGINS_FORMULA[chunk[from] as number] === 1;
    isFresh = false;
    // The end of a cell in another chunk may turn a number into a formula.
    if (begins && (to === chunk.length || !isNumber(chunk, from, to))) kept = [];
    if (kept && kept.length < CELL_BYTES) kept.push(...chunk.subarray(from, Math.min(to, from + CELL_BYTES)));
  };
  const endCell = () => {
    if (kept && isFormula(Buffer.from(kept).toString())) formulas++;
    kept = undefined;
    isFresh = true;
    cell = 'start';
    cells++;
  };
  const endRow = () => {
    // An empty line is no row.
    const isEmpty = cells === 0 && cell === 'start';
    endCell();
    if (!isEmpty) {
      rows++;
      columns ??= cells;
      if (cells !== columns) ragged ??= rowLine;
    }
    cells = 0;
  };

  /** Reads on at a place where no quote is open. Returns the next place. */
  const step = (chunk: Buffer, at: number): number => {
    const byte = chunk[at] as number;
    const isSecondOfTwo = byte === LF && wasReturn;
    wasReturn = byte === CR;
    if (isSecondOfTwo) return at + 1;
    if (byte === LF || byte === CR) {
      endRow();
      rowLine = ++line;
      return at + 1;
    }
    if (byte === separator) {
      endCell();
      return at + 1;
    }
    if (byte === QUOTE && cell !== 'plain') {
      // Two in a row within quotes are one of the text.
      if (cell === 'after quote') take(chunk, at, at + 1);
      else quoteLine = line;
      cell = 'quoted';
      return at + 1;
    }
    let end = at + 1;
    while (end < chunk.length && stops[chunk[end] as number] === 0) end++;
    if (isFresh || kept) take(chunk, at, end);
    cell = 'plain';
    return end;
  };

  const readOn = (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; ) {
      if (cell !== 'quoted') {
        at = step(chunk, at);
        continue;
      }
      const quote = chunk.indexOf(QUOTE, at);
      const end = quote === -1 ? chunk.length : quote;
      if (isFresh || kept) take(chunk, at, end);
      line += countLines(chunk, at, end);
      if (quote !== -1) cell = 'after quote';
      at = end + 1;
    }
  };
  const start = () => {
    const named = NAMED.exec(head.toString('latin1', 0, 8));
    separator ??= named?.[1]?.charCodeAt(0) ?? findSeparator(head);
    stops = toStops(separator);
    // The line that names it is no row.
    if (named) rowLine = ++line;
    readOn(named ? head.subarray(named[0].length) : head);
    head = Buffer.alloc(0);
  };

  return {
    read(chunk) {
      if (stops.length > 0) {
        readOn(chunk);
        return true;
      }
      head = Buffer.concat([head, chunk]);
      if (head.length >= HEAD_BYTES) start();
      return true;
    },
    end(isCut) {
      if (stops.length === 0) start();
      const isOpen = cell === 'quoted';
      if (cells > 0 || cell !== 'start') endRow();
      return {
        'csv.rows': rows,
        'csv.columns': columns ?? 0,
        ...(ragged !== undefined && { 'csv.ragged': ragged }),
        'csv.formulas': formulas,
        ...(isOpen && !isCut && { malformed: `line ${quoteLine}: a quote is opened and never closed` }),
      };
    },
  };
}

/** The separator that a first row has most of outside of its quotes; a comma if it has none. */
function findSeparator(chunk: Buffer): number {
  const unquoted = chunk.toString('latin1', 0, HEAD_BYTES).replace(/"[^"]*"/g, '');
  const [row = ''] = /^[^\r\n]*[^\s][^\r\n]*/m.exec(unquoted) ?? [];
  const counts = SEPARATORS.map((one) => row.split(one).length);
  return (SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ',').charCodeAt(0);
}

function toStops(separator: number): Uint8Array<ArrayBuffer> {
  const stops = new Uint8Array(256);
  for (const byte of [separator, LF, CR]) stops[byte] = 1;
  return stops;
}

function countLines(chunk: Buffer, from: number, to: number): number {
  let lines = 0;
  for (let at = chunk.indexOf(LF, from); at !== -1 && at < to; at = chunk.indexOf(LF, at + 1)) lines++;
  return lines;
}
