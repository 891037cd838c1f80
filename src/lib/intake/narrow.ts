import { MalformedNotification } from './faults.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Narrows to an object, or throws MalformedNotification naming `what` it should have been. */
export function toFields(value: unknown, what: string): Fields {
  if (!isFields(value)) throw new MalformedNotification(`${what} is not an object`);
  return value;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Narrows to text that is not empty, or throws MalformedNotification. */
export function toText(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw new MalformedNotification(`${what} is not text`);
  return value;
}

/** Parses JSON, or throws MalformedNotification without the text: a JSON parser's message may quote it. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedNotification(`${what} is not JSON`);
  }
}

/**
 * True when the text takes more than `limit` bytes as UTF-8. Only texts near the limit are counted: three
 * bytes a unit is the most.
 */
export function hasMoreBytes(text: string, limit: number): boolean {
  return text.length * 3 > limit && Buffer.byteLength(text) > limit;
}
