export type Fields = Readonly<Record<string, unknown>>;

/** True for a value whose properties may be asked for, whatever they are. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

/** The value of a JSON text; undefined if it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
