import { globSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../local/folders.ts';

const S3 = ['objects.test.ts', 'sign.test.ts', 'connection/*.test.ts'] as const;

/**
 * The contract suites that each engine is held to, below test/contract/. MiniStack runs them in the project
 * `contract`.
 */
export const SUITES = {
  MiniStack: [
    'ledger.test.ts',
    'grants.test.ts',
    'grants-at-once.test.ts',
    'counters.test.ts',
    'counters-at-once.test.ts',
    'event-feed.test.ts',
    ...S3,
  ],
  // Without those at once: moto holds no lock while it checks the conditions of a transaction, so that one
  // call more or less gets through by chance.
  moto: ['ledger.test.ts', 'grants.test.ts', 'counters.test.ts', 'event-feed.test.ts', ...S3],
  versitygw: S3,
} as const satisfies Record<string, readonly string[]>;

export type TableEngine = keyof typeof SUITES;
export const TABLE_ENGINES = Object.keys(SUITES) as readonly TableEngine[];

/** The files of an engine's suites, below test/contract/. */
export function filesOf(engine: TableEngine): string[] {
  return globSync([...SUITES[engine]], { cwd: join(projectRoot, 'test', 'contract') }).toSorted();
}
