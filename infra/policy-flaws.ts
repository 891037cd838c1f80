// What is wrong with a team's policies, before they are deployed. An editor that compiles them shows most of
// it; nothing compiles a file that lies outside of this project.
import { isKnownType, normaliseContentType } from '@sluice/contract/content-types';
import type { Encoding } from '@sluice/contract/encoding';
import type { InspectionRules, ReaderRules } from '@sluice/contract/policy-rules';
import type { QuotaLimits, QuotaRules } from '@sluice/contract/quota';
import { SCANNERS, type Scanner } from '@sluice/contract/scan';
import { READERS } from '@sluice/contract/upload';
import * as v from 'valibot';
import { INSPECTION_LIMITS } from '../src/lib/inspect/file.ts';
import { isRejectable } from '../src/lib/inspect/judge.ts';
import type { Policy } from '../src/lib/upload/policy.ts';

const ENCODINGS: readonly Encoding[] = ['utf-16', 'windows-1252'];
/** Of one object, by S3. */
const MAX_BYTES = 5 * 1024 ** 4;
/** Of a presigned URL, by S3. */
const MAX_EXPIRES_IN_SECONDS = 7 * 24 * 3600;
/**
 * Of an address to read at. It cannot be taken back, and what a function signs ends with the credentials of
 * its role, which last for hours.
 */
const MAX_DOWNLOAD_SECONDS = 12 * 3600;
/** Less would leave no time to follow a redirect that a cache kept. */
const MIN_DOWNLOAD_SECONDS = 10;

function whole(least: number, most: number, unit: string) {
  const message = `is a whole number from ${least} to ${most} (${unit})`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message));
}

const readersSchema = v.pipe(
  v.strictObject(
    {
      allowed: v.pipe(
        v.array(v.picklist(READERS, `is one of ${READERS.join(', ')}`), 'is a list of readers'),
        v.minLength(1, 'names nobody'),
      ),
      default: v.picklist(READERS, `is one of ${READERS.join(', ')}`),
      listed: v.optional(v.boolean('is true or false')),
    } satisfies Record<keyof ReaderRules, unknown>,
    ({ expected }) => (expected === 'never' ? 'is nothing that readers have' : 'is missing'),
  ),
  v.check(({ allowed, default: usual }) => allowed.includes(usual), 'has a default that is not allowed'),
);

const MAX_FILES = 1_000_000_000;

const quotaSchema = v.strictObject(
  {
    files: v.optional(whole(0, MAX_FILES, 'files')),
    bytes: v.optional(whole(0, Number.MAX_SAFE_INTEGER, 'bytes')),
  } satisfies Record<keyof QuotaLimits, unknown>,
  () => 'is nothing that a quota has',
);

const inspectionSchema = v.strictObject(
  {
    reject: v.optional(
      v.array(
        v.pipe(
          v.string('is the name of a fact'),
          v.check(isRejectable, ({ input }) => `is no fact that a file can be rejected for: "${input}"`),
        ),
        'is a list of facts',
      ),
    ),
    limits: v.optional(
      v.strictObject(
        Object.fromEntries(
          Object.entries(INSPECTION_LIMITS).map(([name, most]) => [name, v.optional(whole(1, most, name))]),
        ),
        () => `is no limit of inspection: ${Object.keys(INSPECTION_LIMITS).join(', ')}`,
      ),
    ),
  } satisfies Record<keyof InspectionRules, unknown>,
  () => 'is nothing that inspection has',
);

const policySchema = v.pipe(
  v.strictObject(
    {
      title: v.string('is one line for people'),
      types: v.pipe(
        v.array(
          v.pipe(
            v.string('is the name of a type'),
            v.check(isKnownType, ({ input }) => explainType(input)),
          ),
          'is a list of content types',
        ),
        v.minLength(1, 'names no type'),
      ),
      encodings: v.optional(v.array(v.picklist(ENCODINGS, `is one of ${ENCODINGS.join(', ')}`))),
      minBytes: whole(0, MAX_BYTES, 'bytes'),
      maxBytes: whole(1, MAX_BYTES, 'bytes'),
      checksum: v.picklist(['optional', 'required'], `is 'optional' or 'required'`),
      urlExpiresInSeconds: whole(1, MAX_EXPIRES_IN_SECONDS, 'seconds'),
      encryptedOffice: v.optional(v.picklist(['refused', 'taken'], `is 'refused' or 'taken'`)),
      metadataKeys: v.optional(v.array(v.string('is a text'), 'is a list of keys')),
      readers: v.optional(readersSchema),
      inline: v.optional(v.boolean('is true or false')),
      downloadExpiresInSeconds: v.optional(whole(MIN_DOWNLOAD_SECONDS, MAX_DOWNLOAD_SECONDS, 'seconds')),
      quota: v.optional(
        v.strictObject(
          { owner: v.optional(quotaSchema), tenant: v.optional(quotaSchema) } satisfies Record<
            keyof QuotaRules,
            unknown
          >,
          () => 'is nothing that has a quota',
        ),
      ),
      scanners: v.optional(
        v.array(v.picklist(SCANNERS, `is one of ${SCANNERS.join(', ')}`), 'is a list of scanners'),
      ),
      unscannable: v.optional(v.picklist(['rejected', 'accepted'], `is 'rejected' or 'accepted'`)),
      inspection: v.optional(inspectionSchema),
    } satisfies Record<keyof Policy, unknown>,
    ({ expected }) => (expected === 'never' ? 'is nothing that a policy has' : 'is missing'),
  ),
  v.check(({ minBytes, maxBytes }) => minBytes <= maxBytes, 'has a minBytes above its maxBytes'),
);

/**
 * What is wrong with the `policies` that a file exports, one line each; none when they can be deployed.
 * `satisfies` above and the types of src/lib/upload/policy.ts hold the two descriptions of a policy together.
 * @param configured the scanners that the deployment has
 */
export function flawsOf(policies: unknown, configured: readonly Scanner[] = SCANNERS): readonly string[] {
  if (typeof policies !== 'object' || policies === null || Array.isArray(policies)) {
    return ['It exports no `policies`: export const policies = { images: { … } }.'];
  }
  const entries = Object.entries(policies);
  if (entries.length === 0) return ['It has no policy: nothing could be uploaded.'];
  return entries.flatMap(([name, policy]) => {
    const { success, issues = [], output } = v.safeParse(policySchema, policy);
    if (success) return demandedInVain(name, output, configured);
    return issues.map(
      (issue) => `${[name, v.getDotPath(issue)].filter(Boolean).join('.')} ${issue.message}.`,
    );
  });
}

/** What to set so that a deployment has a scanner. Inspection is always there. */
const SETTINGS: Readonly<Record<Exclude<Scanner, 'inspection'>, string>> = {
  clamav: 'clamavImage (on the local stack, start with --scan clamav)',
  guardduty: 'guardDuty to true',
  function: 'scannerFunction to the ARN of your function',
};

function demandedInVain(
  name: string,
  { scanners = [], inspection }: { scanners?: readonly Scanner[] | undefined; inspection?: unknown },
  configured: readonly Scanner[],
): readonly string[] {
  const flaws = scanners.flatMap((scanner) =>
    scanner === 'inspection' || configured.includes(scanner)
      ? []
      : [
          `${name}.scanners demands ${scanner}, which is not configured, so that it would accept nothing. Set ${SETTINGS[scanner]}: docs/scanning.md.`,
        ],
  );
  if (inspection === undefined || scanners.includes('inspection')) return flaws;
  return [
    ...flaws,
    `${name}.inspection says what may be inside, but ${name}.scanners does not name inspection.`,
  ];
}

function explainType(type: string): string {
  const name = normaliseContentType(type);
  return isKnownType(name)
    ? `is written "${name}", not "${type}"`
    : `is no type that Sluice can tell: "${type}". Define it in ownTypes, or see docs/configuration.md`;
}
