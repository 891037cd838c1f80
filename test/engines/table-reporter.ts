import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { projectRoot } from '../../local/folders.ts';
import { differenceOf } from './differences.ts';
import { filesOf, TABLE_ENGINES, type TableEngine } from './suites.ts';
import { compareTables, type Outcome, readTable, toCells, writeTable } from './table.ts';

const PAGE = join(projectRoot, 'docs', 'engines.md');

/**
 * Holds docs/engines.md to what the suites gave on each engine, or writes it (`SLUICE_ENGINES_TABLE=write`).
 * An engine of which the run had not every suite and case, or on which a case failed, says nothing of the
 * page.
 */
export default class TableReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const engines = TABLE_ENGINES.filter((engine) => ranWhole(engine, modules));
    const outcomes = modules
      .flatMap((module) => outcomesOf(module))
      .filter(({ engine }) => engines.includes(engine));
    const cells = toCells(outcomes);
    const page = readFileSync(PAGE, 'utf8');
    if (process.env.SLUICE_ENGINES_TABLE === 'write') {
      const missing = TABLE_ENGINES.filter((engine) => !engines.includes(engine));
      if (missing.length > 0) {
        fail(`docs/engines.md is not written: ${missing.join(', ')} did not run whole.`);
        return;
      }
      writeFileSync(PAGE, writeTable(page, cells));
      console.log('docs/engines.md is written.');
      return;
    }
    const disagreements = compareTables(readTable(page), cells, engines);
    if (disagreements.length === 0) return;
    fail(
      `docs/engines.md is not what the run gave:\n${disagreements.join('\n')}\nWrite it: npm run engines:table`,
    );
  }
}

function fail(message: string): void {
  console.error(`\n${message}`);
  process.exitCode = 1;
}

function engineOf({ project }: TestModule): TableEngine | undefined {
  return TABLE_ENGINES.find((engine) => project.name === (engine === 'MiniStack' ? 'contract' : engine));
}

function fileOf({ relativeModuleId }: TestModule): string {
  return relativeModuleId.replace(/^test\/contract\//, '');
}

function ranWhole(engine: TableEngine, modules: readonly TestModule[]): boolean {
  const own = modules.filter((module) => engineOf(module) === engine);
  const suites = filesOf(engine);
  const ran = new Set(own.map(fileOf));
  if (!suites.every((file) => ran.has(file))) return false;
  return own
    .filter((module) => suites.includes(fileOf(module)))
    .every((module) =>
      [...module.children.allTests()].every(
        (test) => test.result().state === 'passed' || differenceIn(engine, test),
      ),
    );
}

function outcomesOf(module: TestModule): Outcome[] {
  const engine = engineOf(module);
  const file = fileOf(module);
  if (engine === undefined || !filesOf(engine).includes(file)) return [];
  return [...module.children.allTests()].map((test) => {
    const difference = differenceIn(engine, test);
    return { engine, file, title: test.fullName, ...(difference && { difference }) };
  });
}

/** The runner takes a case that differs as it is known to for one that was left out. */
function differenceIn(engine: TableEngine, test: TestCase) {
  if (test.result().state !== 'skipped') return undefined;
  return differenceOf(engine, test.module.relativeModuleId, test.fullName);
}
