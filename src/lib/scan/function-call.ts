import type { ScanRequest } from '@sluice/contract/scan';
import { type Fields, parseFields, toFields, toShown, toThreats } from './fields.ts';
import type { Judgement } from './judgement.ts';

/**
 * How long the team's function has to answer, and how long the address is valid at which it reads the file.
 * The buckets refuse signatures that are older than those of downloads, so this is no longer
 * (infra/lifetimes.cjs).
 */
export const ANSWER_SECONDS = 270;
export const ADDRESS_SECONDS = 300;

/** What the team's function is called with: docs/scanner-function.schema.json. */
export type FunctionCall = Omit<ScanRequest, 'scanner'> & {
  /** where this very version can be read by GET, without credentials, until `urlExpiresAt` */
  readonly url: string;
  /** ISO 8601 */
  readonly urlExpiresAt: string;
};

/** The event that the team's function gets. */
export function toFunctionCall(
  { scanner: _, ...request }: ScanRequest,
  address: { readonly url: string; readonly expiresAt: Date },
): FunctionCall {
  return { ...request, url: address.url, urlExpiresAt: address.expiresAt.toISOString() };
}

const OUTCOMES = ['clean', 'infected', 'unsupported', 'failed'] as const;
// What is said in so many bytes is no answer.
const MOST_ANSWER = 64 * 1024;

/**
 * What the team's function says. An answer that is not of the contract is `failed`, and never `clean`:
 * fields that are not of it are skipped, but a clean file has no threats.
 */
export function parseFunctionAnswer(text: string): Judgement {
  const fields = readAnswer(text);
  if (fields === undefined) return failed('answered something that is not a JSON object of at most 64 KB');
  const outcome = OUTCOMES.find((one) => one === fields.outcome);
  if (outcome === undefined) return failed(`answered no outcome of ${OUTCOMES.join(', ')}`);
  const threats = toThreats(fields.threats);
  if (outcome !== 'infected' && threats.length > 0)
    return failed(`named threats in a file that is ${outcome}`);
  const detail = toShown(fields.detail);
  return {
    outcome,
    ...(threats.length > 0 && { threats }),
    ...(detail !== undefined && { detail }),
  };
}

function readAnswer(text: string): Fields | undefined {
  if (text.length > MOST_ANSWER) return undefined;
  try {
    return parseFields(text, (what) => new Error(what));
  } catch {
    return undefined;
  }
}

/** Why the function ended without an answer, by its error's name alone: what it says may hold secrets. */
export function toFunctionError(payload: string): string {
  const error = readAnswer(payload);
  const name = toShown(toFields(error)?.errorType, 100);
  return `The scanner function failed${name === undefined ? '' : ` (${name})`}`;
}

function failed(what: string): Judgement {
  return { outcome: 'failed', detail: `The scanner function ${what}` };
}
