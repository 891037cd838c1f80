export type Fields = Readonly<Record<string, unknown>>;

/** True for a value whose properties may be asked for, whatever they are. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
