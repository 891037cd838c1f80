import type { Inspection } from '@sluice/contract/scan';
import { type Fields, toShown } from './fields.ts';

/** Of the facts about one file as JSON, so that they fit into a row and an event. */
const MOST_BYTES = 4096;
const MOST_FACTS = 64;
const MOST_ITEMS = 10;
const MOST_TEXT = 200;
const NAME = /^[a-z][A-Za-z0-9.]{0,63}$/;

/**
 * The facts that can be kept: those with a proper name and a value that may stand in a row. Long texts and
 * lists are cut; what goes beyond 4 KB is left out, from the end.
 */
export function toInspection(fields: Fields): Inspection {
  const facts: Record<string, Inspection[string]> = {};
  let bytes = 2;
  for (const [name, value] of Object.entries(fields).slice(0, MOST_FACTS)) {
    const fact = NAME.test(name) ? toFact(value) : undefined;
    if (fact === undefined) continue;
    bytes += Buffer.byteLength(JSON.stringify({ [name]: fact }));
    if (bytes > MOST_BYTES) break;
    facts[name] = fact;
  }
  return facts;
}

function toFact(value: unknown): Inspection[string] | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'string') return toShown(value, MOST_TEXT);
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, MOST_ITEMS).flatMap((item: unknown) => toShown(item, MOST_TEXT) ?? []);
}
