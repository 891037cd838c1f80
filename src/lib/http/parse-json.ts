import { Refusal } from '@sluice/contract/refusals';

/** More than any field of any route needs. Recursion over a value within this limit is safe. */
export const MAX_JSON_LEVELS = 16;

const MAX_FIELD_CHARACTERS = 100;

/**
 * The value of a JSON text in UTF-8, which every later step can carry: it is nested at most MAX_JSON_LEVELS
 * deep, and its texts are whole. JSON can write half of a surrogate pair (`"\ud800"`), which is not a
 * character and has no UTF-8: the ledger would refuse it, too late to say which field it is in. Refuses
 * `body_malformed`, `body_too_deep`, `text_invalid`.
 */
export function parseJson(bytes: Uint8Array): unknown {
  const value = readJson(bytes);
  requireCarriable(value);
  return value;
}

/** The value of a JSON text in UTF-8, whatever it holds. Refuses `body_malformed`. */
export function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's message quotes the body, so it belongs neither in the log nor in the answer.
    throw new Refusal('body_malformed');
  }
}

type Node = { readonly value: unknown; readonly path: readonly string[] };

/** Refuses a value that a later step could not carry, as `body_too_deep` or `text_invalid`. */
export function requireCarriable(root: unknown): void {
  // A list of what is left, not recursion: the value may be as deep as its text is long.
  const left: Node[] = [{ value: root, path: [] }];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    const { value, path } = node;
    if (typeof value === 'string' && !value.isWellFormed()) refuse('text_invalid', path);
    if (typeof value !== 'object' || value === null) continue;
    if (path.length >= MAX_JSON_LEVELS) refuse('body_too_deep', path.slice(0, 2));
    for (const [key, child] of Object.entries(value)) {
      if (!key.isWellFormed()) refuse('text_invalid', path);
      left.push({ value: child, path: [...path, key] });
    }
  }
}

function refuse(code: 'text_invalid' | 'body_too_deep', path: readonly string[]): never {
  const field = path.join('.').slice(0, MAX_FIELD_CHARACTERS);
  throw new Refusal(code, field === '' ? {} : { field });
}
