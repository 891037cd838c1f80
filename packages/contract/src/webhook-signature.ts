// Standard Webhooks 1.0.0: what a message is signed over, and how its secrets, keys and signatures are
// written. For Node: a page that is built of this package never imports it.
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  sign as signWith,
} from 'node:crypto';

/** A message as it is sent once. */
export type WebhookMessage = {
  /** the same on every attempt: by it a receiver knows a repeat */
  readonly id: string;
  /** of this attempt, seconds since the epoch */
  readonly timestamp: number;
  /** the very text that is sent */
  readonly body: string;
};

export type WebhookHeaders = Readonly<
  Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>
>;

/** One of the signatures of a message: `<version>,<base64>`. */
export type WebhookSigner = (message: WebhookMessage) => string;

const SECRET_PREFIX = 'whsec_';
const PUBLIC_KEY_PREFIX = 'whpk_';

/** The prefix that makes PKCS #8 of the 32 bytes of an ed25519 key (RFC 8410). */
const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const ED25519_BYTES = 32;
const [LEAST_SECRET_BYTES, MOST_SECRET_BYTES] = [24, 64];

/** A secret as its receiver gets it. */
export function toWebhookSecret(bytes: Uint8Array): string {
  return SECRET_PREFIX + Buffer.from(bytes).toString('base64');
}

/**
 * Signs by HMAC-SHA256 (`v1`).
 * @param secret as `toWebhookSecret` writes it
 * @throws TypeError when it is no such secret; the message shows nothing of it
 */
export function createWebhookSigner(secret: string): WebhookSigner {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const bytes = Buffer.from(base64 ?? '', 'base64');
  if (bytes.length < LEAST_SECRET_BYTES || bytes.length > MOST_SECRET_BYTES) {
    throw new TypeError('A webhook secret is whsec_ and base64 of 24 to 64 bytes.');
  }
  // A KeyObject rather than its bytes, with which Node 24 sets up an HMAC about seven times slower.
  const key = createSecretKey(bytes);
  return (message) => `v1,${createHmac('sha256', key).update(toSigned(message)).digest('base64')}`;
}

/** The private key of ed25519 with these 32 bytes. */
export function toEd25519Key(seed: Uint8Array): KeyObject {
  if (seed.length !== ED25519_BYTES) throw new TypeError('An ed25519 key has 32 bytes.');
  return createPrivateKey({ key: Buffer.concat([ED25519_PKCS8, seed]), format: 'der', type: 'pkcs8' });
}

/** The public key of a private one, as its receiver gets it. */
export function toWebhookPublicKey(privateKey: KeyObject): string {
  // Of the SubjectPublicKeyInfo the last 32 bytes are the key itself.
  const info = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return PUBLIC_KEY_PREFIX + info.subarray(-ED25519_BYTES).toString('base64');
}

/** Signs by ed25519 (`v1a`). */
export function createWebhookKeySigner(privateKey: KeyObject): WebhookSigner {
  return (message) => `v1a,${signWith(null, Buffer.from(toSigned(message)), privateKey).toString('base64')}`;
}

/** The headers of one attempt: one signature of each signer, so that any of several secrets verifies it. */
export function signWebhook(message: WebhookMessage, signers: readonly WebhookSigner[]): WebhookHeaders {
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(message.timestamp),
    'webhook-signature': signers.map((signer) => signer(message)).join(' '),
  };
}

function toSigned({ id, timestamp, body }: WebhookMessage): string {
  return `${id}.${timestamp}.${body}`;
}
