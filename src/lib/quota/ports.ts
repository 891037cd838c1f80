import type { QuotaLimits } from '@sluice/contract/quota';
import type { Tally } from './count.ts';

/** The rows of counters. What uploads take and give back, the ledger writes together with their rows. */
export type Counters = {
  /** As it is now; nothing is in a counter that has no row. */
  read(id: string): Promise<Tally>;
  /**
   * Sets the limits of one counter, in place of those set for all; undefined takes them away. They hold from
   * the next request on, and what is there already stays.
   */
  setLimits(id: string, limits: QuotaLimits | undefined): Promise<void>;
  /**
   * Sets what is counted, unless the row has changed since it was seen: then false. A correction whose reply
   * was lost is false as well, and whoever counts again finds that nothing is wrong.
   */
  correct(
    id: string,
    seen: Tally,
    counted: { readonly files: number; readonly bytes: number },
  ): Promise<boolean>;
  /** Every counter that has a row, in no order. Reads the whole table. */
  list(): AsyncIterable<Tally & { readonly id: string }>;
};
