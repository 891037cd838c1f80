// What a log line must never hold, whoever wrote it there: signatures and tokens in URLs, POST policies,
// bearer tokens, keys.
const SECRET_FIELD =
  /^(?:authorization|x-amz-signature|x-amz-security-token|policy-document|secretaccesskey|sessiontoken|password|token|signature|webhook-signature)$/i;
// A row: the least that text must hold to be searched, the secret, what stands in its place.
const SECRETS_IN_TEXT: readonly (readonly [string, RegExp, string])[] = [
  [
    '=',
    /((?:x-amz-signature|x-amz-security-token|x-amz-credential|signature|token)=)[^&\s"']+/gi,
    '$1[redacted]',
  ],
  ['bearer\\s', /\b(bearer\s+)[\w.~+/=-]+/gi, '$1[redacted]'],
  ['basic\\s', /\b(basic\s+)[\w+/-]{16,}=*/gi, '$1[redacted]'],
  ['slu[12]\\.', /\bslu[12]\.[\w-]+\.[\w-]+\.[\w-]+/g, '[redacted]'],
  ['eyJ', /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[redacted]'],
  ['whs', /\bwhs(?:ec|k)_[\w+/=]+/g, '[redacted]'],
  ['@', /(\/\/)[^/\s@:]+:[^/\s@]+@/g, '$1[redacted]@'],
];

// Most text of a log has none of it, and seven searches of every value would cost more than the line itself.
const COULD_HOLD_SECRET = new RegExp(SECRETS_IN_TEXT.map(([least]) => least).join('|'), 'i');

/** One value of a log line, with whatever is secret in it taken out: a replacer of JSON.stringify. */
export function redact(name: string, value: unknown): unknown {
  if (value === undefined) return value;
  if (SECRET_FIELD.test(name)) return '[redacted]';
  if (typeof value !== 'string' || !COULD_HOLD_SECRET.test(value)) return value;
  return SECRETS_IN_TEXT.reduce((text, [, secret, replacement]) => text.replace(secret, replacement), value);
}
