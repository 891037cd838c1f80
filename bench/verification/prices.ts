/**
 * What AWS asks for a million of each, in US dollars, in us-east-1, before free tiers: S3 Standard, and
 * DynamoDB on demand since its prices were halved in November 2024. Taken from others' quotations of 2025, in
 * November 2026: look before you budget. https://aws.amazon.com/s3/pricing/,
 * https://aws.amazon.com/dynamodb/pricing/on-demand/
 */
export const PER_MILLION = {
  HEAD: 0.4,
  GET: 0.4,
  COPY: 5,
  PUT: 5,
  DELETE: 0,
  /** one write of up to 1 KB, to the table or to one of its indexes */
  writeUnit: 0.625,
} as const satisfies Readonly<Record<string, number>>;

/**
 * The write units of each ledger call of an upload whose row is under 1 KB and has no reference, as
 * test/contract/write-units.test.ts counts them: the table, by-owner-keys, by-due-keys and by-tenant when it
 * is requested, the table when it is claimed, the table and by-due-keys at the verdict.
 */
export const WRITE_UNITS = { record: 4, claim: 1, accept: 2 } as const;
