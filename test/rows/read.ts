import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** A row as a version of this code wrote it, and what had happened to its upload. */
export type WrittenRow = {
  readonly version: string;
  /** a state and a transport, or whatever else is special about it */
  readonly shape: string;
  /** as DynamoDB has it */
  readonly item: Readonly<Record<string, AttributeValue>>;
};

/** What the code of today writes; it gets its version when it is released. */
export const UNRELEASED = 'unreleased';

/** The versions whose rows are kept. */
export const VERSIONS = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace(/\.json$/, ''));

export function readWritten(version: string): readonly WrittenRow[] {
  const { rows } = JSON.parse(readFileSync(join(import.meta.dirname, `${version}.json`), 'utf8')) as {
    readonly rows: readonly Omit<WrittenRow, 'version'>[];
  };
  return rows.map((row) => ({ version, ...row }));
}
