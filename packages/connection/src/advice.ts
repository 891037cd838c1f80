import { ConnectionError } from './errors/connection-error.ts';

/** What a person can do about each code of the taxonomy. */
export const ADVICE: Readonly<Record<string, string>> = {
  aborted: 'Nothing: it was stopped on purpose.',
  'access-denied': 'Give these keys the permission, or use others.',
  'bucket-setup':
    'Mend the cause and run it again: what is done stays. What the store does not have can be left out.',
  'checksum-mismatch': 'Try again: the bytes were damaged on their way.',
  'clock-skew': "Set this machine's clock (NTP): S3 refuses signatures that are 15 minutes off.",
  conflict: 'Try again: another write to the same name was under way.',
  'connect-timeout':
    'Look for a firewall, a wrong address or a missing VPC endpoint; allow more time (connectTimeoutMs, --connect-timeout).',
  'connection-closed': 'Try again; if it stays, look at what is in between (proxy, load balancer).',
  'endpoint-unknown': 'Correct the region or the endpoint: its name does not exist.',
  'endpoint-unreachable': 'Start what should listen there, or correct the endpoint.',
  'expired-credentials': 'Get new keys: log in again, or let a profile or role renew them.',
  file: 'Look at the file or folder that the message names: it is missing, may not be used, is of another kind, or the disk is full.',
  'incomplete-read': 'Try again: the answer broke off.',
  'invalid-parameter': 'Correct the value that the message names.',
  'invalid-setting': 'Correct the setting where the message says it was found.',
  'no-credentials':
    'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile (AWS_PROFILE), or log in with `aws sso login`.',
  'no-region': 'Set AWS_REGION or --region, or region in the profile.',
  'not-found': 'Check the names of bucket and key, and the region.',
  'precondition-failed': 'Look at what is there now: it is not what was expected.',
  'profile-not-found': 'Correct the name of the profile, or add it to ~/.aws/config.',
  proxy: 'Check HTTP_PROXY and HTTPS_PROXY; put the endpoint into NO_PROXY if it needs none.',
  'proxy-refused':
    "Check the user and password in the proxy's URL, and whether the proxy allows the endpoint.",
  'read-timeout': 'Try again; if it stays, allow more time (readTimeoutMs, --read-timeout).',
  'response-streaming': 'Try again; if it stays, the endpoint or a proxy does not answer as S3.',
  'retries-exceeded': 'Try again later: what came so far can be resumed.',
  'service-refused': 'Look up the service code in the message: nothing here is wrong with the connection.',
  'service-unavailable': 'Try again later: the service has a problem of its own.',
  throttled: 'Try again later with fewer calls at once, or set retryMode to adaptive.',
  tls: 'Name the authority that signed the certificate with AWS_CA_BUNDLE (caBundle; proxyCaBundle for a proxy), or correct the host name; it cannot be switched off.',
  unexpected: 'Report it, with the cause: the taxonomy does not know this failure.',
  'upload-failed': 'See the cause.',
  'wrong-region': 'Use the region that the bucket is in (AWS_REGION, --region).',
};

/** Refusals of the keys themselves, whatever was asked for. */
const KEYS_REFUSED =
  /^(InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignatureException|InvalidClientTokenId|UnrecognizedClientException|InvalidToken)$/;

/** What a store of another making says of what it lacks. */
const NOT_THERE = /^(NotImplemented|MethodNotAllowed|XNotImplemented)$/;

/**
 * What to do about a failure, in a sentence. One that wraps another is answered by what it wraps. How long
 * the service asked to be left alone is said as well.
 */
export function adviceFor(error: ConnectionError): string {
  const { retryAfterMs = 0 } = error;
  const wait = retryAfterMs > 0 ? ` The service asks to wait ${Math.ceil(retryAfterMs / 1000)} s.` : '';
  return wordsFor(error) + wait;
}

function wordsFor(error: ConnectionError): string {
  const { cause, serviceCode, httpStatus } = error;
  if (KEYS_REFUSED.test(serviceCode ?? '')) {
    return 'Correct the keys: they are not known here, or the secret is not theirs. `sluice explain` shows where they come from.';
  }
  if (error.code === 'bucket-setup' && cause instanceof ConnectionError) {
    return `${wordsFor(cause)} ${ADVICE['bucket-setup']}`;
  }
  if (error.message.startsWith('The checksum algorithm')) {
    return 'Use downloadFile or downloadStream, which know it, or set responseChecksumValidation to WHEN_REQUIRED.';
  }
  if (serviceCode === 'InvalidObjectState') {
    return 'Restore the object from its archive first (restore-object), and wait until that is done.';
  }
  if (NOT_THERE.test(serviceCode ?? '') || httpStatus === 501) {
    return 'Do without it, or use another store: this one does not have what was asked for.';
  }
  if (error.code === 'service-refused' && httpStatus !== undefined && serviceCode === undefined) {
    return 'Correct the endpoint: what answers there is no S3, or something in between answers for it.';
  }
  return cause instanceof ConnectionError ? wordsFor(cause) : (ADVICE[error.code] ?? 'See the cause.');
}
