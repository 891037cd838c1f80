import { ADMIN_QUEUES, type AdminCall, REPORTED_AT_MOST } from '@sluice/contract/admin';
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
const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const segment = v.pipe(
  v.strictObject({ number: whole, of: v.pipe(whole, v.minValue(1), v.maxValue(100)) }),
  v.check(({ number, of }) => number < of, 'segment.number must be less than segment.of'),
);
const ids = v.pipe(v.array(textUpTo(64)), v.minLength(1), v.maxLength(IDS_AT_MOST));

const bucket = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/));

const REPORT = v.variant('kind', [
  v.strictObject({
    kind: v.literal('objects'),
    bucket,
    objects: v.pipe(
      v.array(v.strictObject({ key: textUpTo(1_024), size: whole })),
      v.maxLength(REPORTED_AT_MOST),
    ),
  }),
  v.strictObject({ kind: v.literal('rows'), madeAt: whole, segment: v.exactOptional(segment) }),
  v.strictObject({
    kind: v.literal('files'),
    ids: v.pipe(v.array(textUpTo(64)), v.minLength(1), v.maxLength(REPORTED_AT_MOST)),
  }),
]);

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
    stuckForSeconds: whole,
  }),
  v.strictObject({
    ...ANY,
    command: v.literal('redrive'),
    queue: v.picklist(ADMIN_QUEUES),
    causes: v.exactOptional(v.pipe(v.array(textUpTo(64)), v.minLength(1), v.maxLength(20))),
  }),
  v.strictObject({ ...ANY, command: v.literal('rejudge'), ids }),
  v.strictObject({
    ...ANY,
    command: v.literal('rejudge'),
    where: v.strictObject({
      policy: v.exactOptional(textUpTo(255)),
      since: v.exactOptional(whole),
      reason: v.exactOptional(textUpTo(64)),
    }),
    segment: v.exactOptional(segment),
  }),
  v.strictObject({ ...ANY, command: v.literal('rescan'), ids }),
  v.strictObject({
    ...ANY,
    command: v.literal('rescan'),
    where: v.strictObject({ policy: v.exactOptional(textUpTo(255)), since: v.exactOptional(whole) }),
    segment: v.exactOptional(segment),
  }),
  v.strictObject({
    ...ANY,
    command: v.literal('reconcile'),
    repair: v.exactOptional(v.boolean()),
    orphans: v.exactOptional(v.literal('set-aside')),
    missing: v.exactOptional(v.literal('end')),
    report: v.exactOptional(REPORT),
  }),
  v.strictObject({
    ...ANY,
    command: v.literal('restore'),
    table: v.pipe(v.string(), v.regex(/^[\w.-]{3,255}$/)),
  }),
  v.strictObject({
    ...ANY,
    command: v.literal('adopt'),
    bucket,
    prefix: v.exactOptional(textUpTo(1_024)),
    policy: textUpTo(255),
    tenant: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/)),
    subject: textUpTo(1_024),
    isList: v.exactOptional(v.boolean()),
  }),
  v.strictObject({
    ...ANY,
    command: v.literal('usage'),
    tenant: textUpTo(63),
    subject: v.exactOptional(textUpTo(1_024)),
    recount: v.exactOptional(v.boolean()),
    repair: v.exactOptional(v.boolean()),
    limits: v.exactOptional(
      v.union([
        v.literal('none'),
        v.strictObject({ files: v.exactOptional(whole), bytes: v.exactOptional(whole) }),
      ]),
    ),
  }),
  v.strictObject({
    ...ANY,
    command: v.picklist(['erase', 'export', 'block', 'unblock']),
    tenant: textUpTo(63),
    subject: v.exactOptional(textUpTo(1_024)),
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
