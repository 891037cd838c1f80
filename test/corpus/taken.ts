import { policies } from '../../src/policies.ts';

const TAKEN: ReadonlySet<string> = new Set(Object.values(policies).flatMap(({ types }) => types));

/**
 * True of a type that a shipped policy takes. Of the others, which a team may take, a deployed API sees no
 * file.
 */
export function isTaken(type: string): boolean {
  return TAKEN.has(type);
}
