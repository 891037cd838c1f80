import { hash } from 'node:crypto';
import { type BucketAddress, toBucketRoot } from './address.ts';
import type { SigningCredentials } from './credentials.ts';
import { encodeComponent, encodeKey, flatten } from './encode.ts';
import { createHeaderCanonicalizer } from './headers.ts';
import { decideLifetime } from './lifetime.ts';
import { mergeQuery } from './query.ts';
import { rememberScope, type SigningScope, signText } from './signing-key.ts';

export type { BucketAddress } from './address.ts';

/** One request that somebody without credentials shall be able to make. */
export type UrlRequest = {
  readonly method: 'GET' | 'PUT' | 'HEAD' | 'DELETE';
  readonly key: string;
  /** All of them are signed: the client must send exactly these, and S3 refuses the request otherwise. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** A whole number from 1 to 604 800. */
  readonly expiresInSeconds: number;
  readonly signedAt: Date;
};

export type PresignedUrl = {
  readonly url: string;
  /** What the client must send with it, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The instant from which S3 refuses the URL; see `decideLifetime`. */
  readonly expiresAt: Date;
};

export type Presigner = {
  /**
   * Signs one request into its URL, by Signature Version 4 with query parameters. The body is not signed;
   * sign a checksum header where that matters.
   *
   * @throws {RangeError} when an argument could not lead to a URL that works; the message shows no secret.
   * @throws {CredentialsExpiredError} when the credentials have expired by `signedAt`.
   */
  readonly presignUrl: (credentials: SigningCredentials, request: UrlRequest) => PresignedUrl;
};

/** What all URLs of one day and one set of credentials have in common. */
export function prepareUrlScope(
  { key, name, credential }: SigningScope,
  sessionToken: string | undefined,
  tokenName = 'X-Amz-Security-Token',
) {
  const token = sessionToken === undefined ? '' : `&${tokenName}=${encodeComponent(sessionToken)}`;
  return {
    key,
    name: flatten(`\n${name}\n`),
    /** The query up to the value of `X-Amz-Date`. */
    head: flatten(
      `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeComponent(credential)}&X-Amz-Date=`,
    ),
    /** The query from after the value of `X-Amz-Expires` up to that of `X-Amz-SignedHeaders`. */
    middle: flatten(`${token}&X-Amz-SignedHeaders=`),
  };
}

/** Creates the signer for one bucket; does here whatever need be done only once. No I/O, now or later. */
export function createPresigner(address: BucketAddress): Presigner {
  const root = toBucketRoot(address);
  const { region, service, tokenName } = address;
  const scopeOf = rememberScope(region, (scope, token) => prepareUrlScope(scope, token, tokenName), service);
  const canonicalize = createHeaderCanonicalizer(root.host);
  return {
    presignUrl: (credentials, { method, key, headers = {}, query, expiresInSeconds, signedAt }) => {
      const { stamp, seconds, expiresAt } = decideLifetime(credentials, signedAt, expiresInSeconds);
      const scope = scopeOf(credentials, stamp.day);
      const path = root.path + encodeKey(key);
      const { sent, canonical, encodedNames } = canonicalize(headers);
      const own = `${scope.head}${stamp.time}&X-Amz-Expires=${seconds}${scope.middle}${encodedNames}`;
      const search = query === undefined ? own : mergeQuery(own, query);
      const request = hash('sha256', `${method}\n${path}\n${search}${canonical}\nUNSIGNED-PAYLOAD`);
      const signature = signText(scope.key, `AWS4-HMAC-SHA256\n${stamp.time}${scope.name}${request}`);
      return {
        url: `${root.origin}${path}?${search}&X-Amz-Signature=${signature}`,
        headers: sent,
        expiresAt,
      };
    },
  };
}
