import type { Difference } from './differences.ts';
import { TABLE_ENGINES, type TableEngine } from './suites.ts';

/** What came of one case of a suite on one engine. */
export type Outcome = {
  readonly engine: TableEngine;
  /** below test/contract/ */
  readonly file: string;
  /** the titles of its groups and its own, joined as the runner joins them */
  readonly title: string;
  /** where it is known to differ from AWS, and did */
  readonly difference?: Difference;
};

/** What is told of each group of cases, by its suite and title, for each engine that ran it. */
export type Cells = ReadonlyMap<string, ReadonlyMap<TableEngine, string>>;

export const AS_AWS = 'as AWS';
const NOT_RUN = '–';
const BEGINS = '<!-- The run of the suites writes what follows: npm run engines:table -->';
const HEAD = ['suite', 'what', ...TABLE_ENGINES];

/** What a run says of each group of cases, in the order of the run. */
export function toCells(outcomes: readonly Outcome[]): Cells {
  const found = new Map<string, Map<TableEngine, string[]>>();
  for (const { engine, file, title, difference } of outcomes) {
    const [group = ''] = title.split(' > ', 1);
    const row = toRow(file, group);
    const engines = found.get(row) ?? new Map<TableEngine, string[]>();
    found.set(row, engines);
    const told = engines.get(engine) ?? [];
    engines.set(engine, told);
    const text = difference && toMarkdown(difference.engineDoes);
    if (text !== undefined && !told.includes(text)) told.push(text);
  }
  return new Map(
    [...found].map(([row, engines]) => [
      row,
      new Map([...engines].map(([engine, told]) => [engine, toCell(told)])),
    ]),
  );
}

/** A text that no reader of the page takes for a tag or for the end of a cell. */
export function toMarkdown(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll('|', '\\|');
}

function toCell(told: readonly string[]): string {
  return told.length === 0 ? AS_AWS : told.toSorted().join('<br>');
}

function toRow(file: string, group: string): string {
  return `| \`${file.replace(/\.test\.ts$/, '')}\` | ${group} |`;
}

/** The page with the table of a run in place of the one it has. */
export function writeTable(page: string, cells: Cells): string {
  const lines = [...cells].map(
    ([row, engines]) =>
      `${row} ${TABLE_ENGINES.map((engine) => engines.get(engine) ?? NOT_RUN).join(' | ')} |`,
  );
  const rule = HEAD.map(() => '---');
  const table = [`| ${HEAD.join(' | ')} |`, `|${rule.join('|')}|`, ...lines.toSorted()];
  return `${page.slice(0, page.indexOf(BEGINS))}${BEGINS}\n\n${table.join('\n')}\n`;
}

/** The table of a page. */
export function readTable(page: string): Cells {
  const rows = page.slice(page.indexOf(BEGINS)).matchAll(/^(\| `[^|]+` \| [^|]+ \|) (.+) \|$/gm);
  return new Map(
    [...rows].map(([, row = '', rest = '']) => {
      const cells = rest.split(' | ').map((cell, index) => [TABLE_ENGINES[index], cell] as const);
      const ran = cells.filter(
        (cell): cell is [TableEngine, string] => cell[0] !== undefined && cell[1] !== NOT_RUN,
      );
      return [row, new Map(ran)] as const;
    }),
  );
}

/** How a run disagrees with the table of the page, of the engines that it ran whole; a line each. */
export function compareTables(committed: Cells, run: Cells, engines: readonly TableEngine[]): string[] {
  const rows = new Set([...committed.keys(), ...run.keys()]);
  return [...rows].flatMap((row) =>
    engines.flatMap((engine) => {
      const [says, found] = [committed.get(row)?.get(engine), run.get(row)?.get(engine)];
      return says === found
        ? []
        : [`${row} ${engine}: the page says "${says ?? NOT_RUN}", the run gave "${found ?? NOT_RUN}"`];
    }),
  );
}
