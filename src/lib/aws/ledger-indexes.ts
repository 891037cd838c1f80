/**
 * The names of the table's indexes (infra/ledger.yml). A table of 0.1.0 has only two, by other names, until
 * it is migrated.
 */
export type LedgerIndexes = {
  readonly owner: string;
  readonly due: string;
  readonly tenant?: string;
  readonly reference?: string;
};

/** They hold keys and no rows. */
export const INDEXES = {
  owner: 'by-owner-keys',
  due: 'by-due-keys',
  tenant: 'by-tenant',
  reference: 'by-reference',
} as const satisfies LedgerIndexes;

/** They hold whole rows, of which only the keys are read. */
export const INDEXES_OF_0_1_0 = { owner: 'by-owner', due: 'by-due' } as const satisfies LedgerIndexes;

/** Those that a function is to read: `0.1.0` where the table is not migrated yet, or nothing. */
export function toIndexes(named: string | undefined): LedgerIndexes {
  if (named === undefined) return INDEXES;
  if (named === '0.1.0') return INDEXES_OF_0_1_0;
  throw new Error(`LEDGER_INDEXES is "0.1.0" or empty, not "${named}"`);
}
