import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { SigningCredentials } from './credentials.ts';

/**
 * Derives the key that signs everything of one day, region and service.
 *
 * A `KeyObject` rather than its bytes: Node 24 sets up an HMAC with a Buffer about seven times slower.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function deriveSigningKey(
  secretAccessKey: string,
  day: string,
  region: string,
  service = 's3',
): KeyObject {
  return [day, region, service, 'aws4_request'].reduce(
    (key, part) => createSecretKey(createHmac('sha256', key).update(part).digest()),
    createSecretKey(`AWS4${secretAccessKey}`, 'utf8'),
  );
}

/** Signs a text with a derived key: 64 lower-case hexadecimal digits. */
export function signText(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

/** The credential scope of one day: what a signature is bound to besides the request itself. */
export type SigningScope = {
  readonly key: KeyObject;
  /** `20130524/us-east-1/s3/aws4_request` */
  readonly name: string;
  /** `AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request` */
  readonly credential: string;
};

/**
 * Returns a function that gives what `prepare` makes of credentials and day, and remembers the latest answer.
 *
 * One answer is enough: a signer has one set of credentials at a time and days go forward. Credentials are
 * compared by value, so that a caller may hand over a fresh object each time, and a rotated secret or token
 * under the same id is never mistaken for the old one.
 */
export function rememberScope<T>(
  region: string,
  prepare: (scope: SigningScope, sessionToken: string | undefined) => T,
  service = 's3',
): (credentials: SigningCredentials, day: string) => T {
  let held: Held<T> | undefined;
  return (credentials, day) => {
    const { accessKeyId, secretAccessKey } = credentials;
    // A token of no characters is how environments say that there is none.
    const sessionToken = credentials.sessionToken === '' ? undefined : credentials.sessionToken;
    if (
      held !== undefined &&
      held.day === day &&
      held.accessKeyId === accessKeyId &&
      held.secretAccessKey === secretAccessKey &&
      held.sessionToken === sessionToken
    ) {
      return held.prepared;
    }
    const name = `${day}/${region}/${service}/aws4_request`;
    const key = deriveSigningKey(secretAccessKey, day, region, service);
    const prepared = prepare({ key, name, credential: `${accessKeyId}/${name}` }, sessionToken);
    held = { accessKeyId, secretAccessKey, sessionToken, day, prepared };
    return prepared;
  };
}

type Held<T> = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  readonly day: string;
  readonly prepared: T;
};
