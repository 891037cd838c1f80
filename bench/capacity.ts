// infra/capacity.cjs, with types: what the template derives from a stage's parameters.
import { createRequire } from 'node:module';

export type Capacity = {
  /** batches that verification works on at once, and each scanner */
  readonly verifyConcurrency: number;
  readonly routeRateLimit: number;
  readonly routeBurstLimit: number;
  readonly warmWriteUnits: number;
  readonly warmReadUnits: number;
};

type CapacityModule = {
  readonly toCapacity: (parameters: Readonly<Record<string, string>>) => Capacity;
  readonly NEW_TABLE: { readonly writeUnits: number; readonly readUnits: number };
  readonly MOST_CONCURRENCY: number;
  /** the share of the places that is taken at the target */
  readonly BUSY_SHARE: number;
};

// It is CommonJS, as serverless reads it.
export const { toCapacity, NEW_TABLE, MOST_CONCURRENCY, BUSY_SHARE }: CapacityModule = createRequire(
  import.meta.url,
)('../infra/capacity.cjs');
