import { classify } from '@sluice/connection/classify';

// What a service says for good of this very request. Everything else may be over in a moment.
const FINAL: readonly string[] = ['access-denied', 'not-found', 'service-refused'];

/** False where the same call would fail again: it is not allowed, or what it names is not there. */
export function isPassing(error: unknown): boolean {
  return !FINAL.includes(classify(error).code);
}
