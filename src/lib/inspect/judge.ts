import type { InspectionRules } from '@sluice/contract/policy-rules';
import type { Inspection } from '@sluice/contract/scan';
import { INSPECTION_LIMITS, type InspectionLimits } from './file.ts';
import { FLAWS, LIMITED_FACTS } from './flaws.ts';

/** True for a fact that a policy can reject. */
export function isRejectable(name: string): boolean {
  return Object.hasOwn(FLAWS, name);
}

/** The limits under a policy: the built-in ones, or its own where they are tighter. */
export function toLimits(rules: InspectionRules = {}): InspectionLimits {
  const own = rules.limits ?? {};
  return Object.fromEntries(
    Object.entries(INSPECTION_LIMITS).map(([name, most]) => [name, Math.min(most, own[name] ?? most)]),
  ) as InspectionLimits;
}

/**
 * Why a policy refuses a file with these facts, as sentences fit to show; none if it does not. A look inside
 * that ended at a limit did not see everything, so that such a file is refused under any policy.
 */
export function flawsOf(inspection: Inspection, rules: InspectionRules = {}): readonly string[] {
  const limits = toLimits(rules);
  const { exceeded, 'exceeded.found': found, 'exceeded.most': most } = inspection;
  const beyond = exceeded === undefined ? [] : [toExcess(String(exceeded), Number(found), Number(most))];
  for (const [fact, limit] of Object.entries(LIMITED_FACTS)) {
    const value = inspection[fact];
    if (typeof value === 'number' && value > limits[limit] && limit !== exceeded) {
      beyond.push(toExcess(limit, value, limits[limit]));
    }
  }
  const rejected = (rules.reject ?? []).flatMap((name) => {
    const value = inspection[name];
    const flaw = FLAWS[name];
    return isPresent(value) && flaw !== undefined ? [`it ${flaw}${toPlace(name, value)}`] : [];
  });
  return [...beyond, ...rejected];
}

type Value = Inspection[string];

/** True for a fact that is there: not false, 0, or empty. */
function isPresent(value: Value | undefined): value is Value {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function toExcess(limit: string, found: number, most: number): string {
  const [before, after] = [found, most].map((number) => number.toLocaleString('en-GB'));
  return `its ${WORDS[limit] ?? limit}: ${before} found, at most ${after} allowed`;
}

const WORDS: Readonly<Record<string, string>> = {
  unpackedBytes: 'unpacked bytes',
  ratio: 'compression ratio',
  depth: 'depth of archives',
};

function toPlace(name: string, value: Value): string {
  if (value === true) return '';
  if (name === 'csv.ragged') return ` (line ${value})`;
  return ` (${Array.isArray(value) ? value.join(', ') : value})`;
}
