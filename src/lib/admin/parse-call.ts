import type { AdminCall } from '@sluice/contract/admin';
import * as v from 'valibot';
import { BadCall } from './walk.ts';

function textUpTo(characters: number) {
  return v.pipe(v.string(), v.minLength(1), v.maxLength(characters));
}

/** As many as one payload of Lambda's holds, and a person names. */
const IDS_AT_MOST = 10_000;

const ANY = {
  schema: v.literal(1),
  dryRun: v.exactOptional(v.boolean()),
  cursor: v.exactOptional(textUpTo(10_000)),
  operator: v.exactOptional(textUpTo(2_048)),
};
const ids = v.pipe(v.array(textUpTo(64)), v.minLength(1), v.maxLength(IDS_AT_MOST));

const CALL = v.variant('command', [
  v.strictObject({
    ...ANY,
    command: v.literal('show'),
    id: textUpTo(64),
    key: v.exactOptional(textUpTo(1_024)),
  }),
  v.strictObject({ ...ANY, command: v.literal('announce'), ids }),
  v.strictObject({
    ...ANY,
    command: v.literal('announce'),
    stuckForSeconds: v.pipe(v.number(), v.integer(), v.minValue(0)),
  }),
]);

/**
 * One call of an operator. Nothing is taken that is not understood: a field of a newer command line would
 * otherwise be passed over, and more be done than was asked for.
 * @throws BadCall naming what is wrong
 */
export function parseCall(payload: unknown): AdminCall {
  const { success, output, issues } = v.safeParse(CALL, payload);
  if (success) return output;
  const [issue] = issues;
  throw new BadCall(`${issue.message}. Does the command line have the version of the deployment?`);
}
