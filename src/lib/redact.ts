// What a log line must never hold, whoever wrote it there: signatures and tokens in URLs, POST policies, bearer tokens, keys.
const SECRET_FIELDS =
  /^(authorization|x-amz-signature|x-amz-security-token|policy-document|secretaccesskey|sessiontoken|password|token|signature)$/i;
const SECRETS_IN_TEXT: readonly (readonly [RegExp, string])[] = [
  [/((?:x-amz-signature|x-amz-security-token|x-amz-credential|signature|token)=)[^&\s"']+/gi, '$1[redacted]'],
  [/\b(bearer\s+)[\w.~+/=-]+/gi, '$1[redacted]'],
  [/\bslu1\.[\w-]+\.[\w-]+\.[\w-]+/g, '[redacted]'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[redacted]'],
  [/(\/\/)[^/\s@:]+:[^/\s@]+@/g, '$1[redacted]@'],
];

/** One value of a log line, with whatever is secret in it taken out. Made for JSON.stringify, which visits every value. */
export const redact = (value: unknown): unknown => {
  if (typeof value === 'string') {
    return SECRETS_IN_TEXT.reduce(
      (text, [pattern, replacement]) => text.replace(pattern, replacement),
      value,
    );
  }
  // An error is left to the logger, which makes fields of it; those come back here.
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Error)
    return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, SECRET_FIELDS.test(name) ? '[redacted]' : inner]),
  );
};
