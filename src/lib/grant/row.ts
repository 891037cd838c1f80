import type { Granter, UploadGrant } from './grant.ts';

/**
 * The version of the rows that this code writes. Raise it if the previous code would allow more by a row of
 * the new form than that means: that code then refuses the row.
 */
export const GRANT_SCHEMA = 1;

/** A grant's row that this code does not understand. Nothing may be done under it. */
export class UnreadableGrant extends Error {
  override readonly name = 'UnreadableGrant';

  constructor(why: string) {
    super(`the row of a grant cannot be read: ${why}`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The grant in a row. Rows may come from a newer version of this code or from a person, so everything is
 * checked; unknown fields are skipped.
 * @throws UnreadableGrant naming what is wrong, without any value from the row
 */
export function parseGrantRow(row: Fields): UploadGrant {
  const { schema } = row;
  if (typeof schema !== 'number' || schema > GRANT_SCHEMA) throw new UnreadableGrant('its schema is unknown');
  return {
    id: required(row, 'id', toText),
    tenant: required(row, 'tenant', toText),
    subject: required(row, 'subject', toText),
    ...optional(row, 'policy', toText),
    ...optional(row, 'types', toTexts),
    ...optional(row, 'maxBytes', toWhole),
    ...optional(row, 'uploads', toWhole),
    ...optional(row, 'bytes', toWhole),
    metadata: required(row, 'metadata', toRecord),
    ...optional(row, 'reference', toText),
    createdBy: required(row, 'createdBy', toGranter),
    createdAt: required(row, 'createdAt', toWhole),
    expiresAt: required(row, 'expiresAt', toWhole),
    ...optional(row, 'revokedAt', toWhole),
    takenUploads: required(row, 'takenUploads', toWhole),
    takenBytes: required(row, 'takenBytes', toWhole),
  };
}

type Parse<Value> = (value: unknown) => Value | undefined;

function required<Value>(row: Fields, name: string, parse: Parse<Value>): Value {
  const value = parse(row[name]);
  if (value === undefined) throw new UnreadableGrant(`${name} is missing or malformed`);
  return value;
}

function optional<Name extends string, Value>(row: Fields, name: Name, parse: Parse<Value>) {
  return (row[name] === undefined ? {} : { [name]: required(row, name, parse) }) as {
    readonly [N in Name]?: Value;
  };
}

function toText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function toWhole(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function toTexts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every(isText) ? value : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toRecord(value: unknown): Readonly<Record<string, string>> | undefined {
  return isFields(value) && Object.values(value).every(isText)
    ? (value as Record<string, string>)
    : undefined;
}

function toGranter(value: unknown): Granter | undefined {
  const { kind, id } = isFields(value) ? value : {};
  return (kind === 'user' || kind === 'service') && isText(id) ? { kind, id } : undefined;
}
