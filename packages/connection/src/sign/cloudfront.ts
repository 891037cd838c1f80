import { createPrivateKey, type KeyObject, sign } from 'node:crypto';

/** The key that CloudFront knows the public half of. */
export type CloudFrontKey = {
  /** CloudFront's own id of the public key, such as `K2JCJMDEHXQW5F` */
  readonly keyId: string;
  /** RSA, of 2,048 bits; as PEM, or read already */
  readonly privateKey: string | KeyObject;
};

/** Which addresses may be read, from when to when, and from where. */
export type CloudFrontPolicy = {
  /** one address, or several: `*` stands for any characters, `?` for one */
  readonly resource: string;
  /** the second from which CloudFront refuses; parts of a second are dropped */
  readonly endsAt: Date;
  readonly beginsAt?: Date;
  /** addresses of IPv4: `203.0.113.0/24`, or one of them */
  readonly ipRange?: string;
};

export type CloudFrontSigner = {
  /** The address, signed by a canned policy: this one address until then. */
  readonly signUrl: (url: string, endsAt: Date) => string;
  /** The address, signed by a policy, which has to cover it. */
  readonly signUrlBy: (url: string, policy: CloudFrontPolicy) => string;
  /** The cookies by which a browser may read whatever the policy covers, values by names. */
  readonly signCookies: (policy: CloudFrontPolicy) => Readonly<Record<string, string>>;
};

/**
 * Creates the signer of one key. No I/O, now or later.
 * @throws {RangeError} when the key is none that CloudFront takes; the message shows nothing of it
 *
 * Its methods throw a RangeError for what CloudFront could not have meant: an address that is not written as
 * it is asked for, a policy that ends before it begins, a range of addresses that is none.
 */
export function createCloudFrontSigner({ keyId, privateKey }: CloudFrontKey): CloudFrontSigner {
  if (!/^[A-Z0-9]+$/i.test(keyId)) throw new RangeError('the id of the public key has letters and digits');
  const key = toRsaKey(privateKey);
  // SHA-1 and PKCS #1 is what CloudFront verifies; nobody else chooses what is signed.
  const toSignature = (policy: string) => toSafe(sign('RSA-SHA1', Buffer.from(policy), key));

  const sealed = (policy: string): Parameters => ({ 'Key-Pair-Id': keyId, Signature: toSignature(policy) });
  const canned = (resource: string, endsAt: Date): Parameters => ({
    Expires: String(toSeconds(endsAt)),
    ...sealed(toPolicy({ resource, endsAt })),
  });
  const custom = (policy: CloudFrontPolicy): Parameters => {
    const text = toPolicy(policy);
    return { Policy: toSafe(Buffer.from(text)), ...sealed(text) };
  };

  return {
    signUrl: (url, endsAt) => join(checkUrl(url), canned(url, endsAt)),
    signUrlBy: (url, policy) => join(checkUrl(url), custom(policy)),
    signCookies: (policy) =>
      Object.fromEntries(
        Object.entries(isPlain(policy) ? canned(policy.resource, policy.endsAt) : custom(policy)).map(
          ([name, value]) => [`CloudFront-${name}`, value],
        ),
      ),
  };
}

type Parameters = Readonly<Record<string, string>>;

/** True of a policy that CloudFront can make again of one address and its end. */
function isPlain({ resource, beginsAt, ipRange }: CloudFrontPolicy): boolean {
  return beginsAt === undefined && ipRange === undefined && !/[*?]/.test(resource);
}

// CloudFront makes the canned policy again, byte for byte: no blanks, and this order.
function toPolicy({ resource, endsAt, beginsAt, ipRange }: CloudFrontPolicy): string {
  const [ends, begins] = [toSeconds(endsAt), beginsAt && toSeconds(beginsAt)];
  if (begins !== undefined && begins >= ends) throw new RangeError('the policy ends before it begins');
  const condition = {
    DateLessThan: { 'AWS:EpochTime': ends },
    ...(begins !== undefined && { DateGreaterThan: { 'AWS:EpochTime': begins } }),
    ...(ipRange !== undefined && { IpAddress: { 'AWS:SourceIp': toRange(ipRange) } }),
  };
  return JSON.stringify({ Statement: [{ Resource: resource, Condition: condition }] });
}

function toSeconds(date: Date): number {
  const seconds = Math.floor(date.getTime() / 1000);
  if (!(seconds > 0)) throw new RangeError('not a time');
  return seconds;
}

const RANGE = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/;

function toRange(text: string): string {
  const [, ...parts] = RANGE.exec(text) ?? [];
  const [mask = '32'] = parts.splice(4);
  const isRange = parts.length === 4 && parts.every((part) => Number(part) <= 255) && Number(mask) <= 32;
  if (!isRange) throw new RangeError(`"${text}" is no range of IPv4 addresses`);
  return `${parts.join('.')}/${mask}`;
}

/** The address as clients ask for it, since that is what the policy is compared with. */
function checkUrl(url: string): string {
  // Printable ASCII without what a URL cannot hold; a fragment never reaches CloudFront.
  if (!/^https?:\/\/[^/\s]/.test(url) || /[^!-~]|[#"<>\\^`{|}]/.test(url)) {
    throw new RangeError('not an address as a client asks for it: encode it, and leave out a fragment');
  }
  if (/[?&](?:Expires|Policy|Signature|Key-Pair-Id|Hash-Algorithm)=/.test(url)) {
    throw new RangeError('the address has a parameter that the signature sets');
  }
  return url;
}

function join(url: string, parameters: Parameters): string {
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return `${url}${url.includes('?') ? '&' : '?'}${query.join('&')}`;
}

/** Base64 in characters that a query needs not encode: CloudFront's own, not base64url's. */
function toSafe(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~');
}

function toRsaKey(given: string | KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = typeof given === 'string' ? createPrivateKey(given) : given;
  } catch {
    // OpenSSL's message is of no help, and the key is a secret.
    throw new RangeError('the private key is not PEM');
  }
  if (key.type !== 'private' || key.asymmetricKeyType !== 'rsa') {
    throw new RangeError('the key is not a private RSA key');
  }
  return key;
}
