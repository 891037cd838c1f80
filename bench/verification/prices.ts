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
 * The write units of each ledger call of an upload whose row is under 1 KB: the table, by-owner, and by-due,
 * where a changed due time is a removal and an addition. Both indexes hold whole rows (infra/ledger.yml).
 */
export const WRITE_UNITS = { record: 3, claim: 4, accept: 3 } as const;
