import { isObject } from '../is-object.ts';
/**
 * Whether a bucket's policy denies every call without TLS to everybody, as `tlsOnly` writes it and as others
 * do. When in doubt it does not.
 */
export function isTlsOnly(policy: string, bucket: string): boolean {
  const { Statement: statements } = parse(policy);
  return toList(statements).some((statement) => isObject(statement) && deniesPlain(statement, bucket));
}

function deniesPlain(statement: Readonly<Record<string, unknown>>, bucket: string): boolean {
  const { Effect, Principal, Action, Resource, Condition } = statement;
  const everybody = Principal === '*' || (isObject(Principal) && toList(Principal.AWS).includes('*'));
  const everything = toList(Action).some((action) => action === 's3:*' || action === '*');
  // In China and GovCloud ARNs begin otherwise.
  const resources = toList(Resource).map((resource) =>
    String(resource).replace(/^arn:aws[a-z-]*:/, 'arn:aws:'),
  );
  const arn = `arn:aws:s3:::${bucket}`;
  const everywhere =
    resources.includes('*') ||
    (resources.includes(`${arn}/*`) && resources.includes(arn)) ||
    resources.includes(`${arn}*`);
  return Effect === 'Deny' && everybody && everything && everywhere && onlyWithoutTls(Condition);
}

/** The condition and no other: a second one would let some plain calls through. */
function onlyWithoutTls(condition: unknown): boolean {
  if (!isObject(condition)) return false;
  const [[operator = '', test] = [], ...others] = Object.entries(condition);
  if (others.length > 0 || !/^Bool(IfExists)?$/.test(operator) || !isObject(test)) return false;
  const [[key = '', value] = [], ...more] = Object.entries(test);
  return more.length === 0 && key.toLowerCase() === 'aws:securetransport' && String(value) === 'false';
}

function parse(policy: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(policy);
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
