import { createHmac, hash, type KeyObject } from 'node:crypto';
import { deriveSigningKey } from '@sluice/connection/sign/signing-key';

/** What a signature is computed over, all texts made beforehand. */
export type Prepared = {
  readonly key: KeyObject;
  readonly canonicalRequest: string;
  /** The string to sign up to the hash of the canonical request. */
  readonly beforeHash: string;
};

/** The least that Signature Version 4 needs: one SHA-256 and one HMAC with a key at hand. */
export function signPrepared({ key, canonicalRequest, beforeHash }: Prepared): string {
  return createHmac('sha256', key)
    .update(beforeHash + hash('sha256', canonicalRequest))
    .digest('hex');
}

/**
 * Takes a presigned URL apart into what was signed, by the rules of AWS's documentation and none of our code.
 */
export function toPrepared(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  secretAccessKey: string,
): Prepared {
  const { host, pathname, search } = new URL(url);
  const query = search
    .slice(1)
    .split('&')
    .filter((pair) => !pair.startsWith('X-Amz-Signature='))
    .sort();
  const parameter = (name: string): string =>
    decodeURIComponent(query.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? '');
  const names = parameter('X-Amz-SignedHeaders').split(';');
  const lines = names.map((name) => `${name}:${name === 'host' ? host : headers[name]}\n`).join('');
  const canonicalRequest = [
    method,
    pathname,
    query.join('&'),
    lines,
    names.join(';'),
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const [, day = '', region = '', ...rest] = parameter('X-Amz-Credential').split('/');
  const scope = [day, region, ...rest].join('/');
  return {
    key: deriveSigningKey(secretAccessKey, day, region),
    canonicalRequest,
    beforeHash: ['AWS4-HMAC-SHA256', parameter('X-Amz-Date'), scope, ''].join('\n'),
  };
}

/** Throws unless the signature of a URL is the right one, so that no signer is timed for a wrong answer. */
export function checkUrl(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  secretAccessKey: string,
): void {
  const signature = new URL(url).searchParams.get('X-Amz-Signature');
  if (signature !== signPrepared(toPrepared(url, method, headers, secretAccessKey))) {
    throw new Error(`a wrong signature: ${url}`);
  }
}
