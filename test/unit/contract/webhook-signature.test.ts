import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  createWebhookKeySigner,
  createWebhookSigner,
  signWebhook,
  toEd25519Key,
  toWebhookPublicKey,
  toWebhookSecret,
} from '@sluice/contract/webhook-signature';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';

function setup() {
  const secret = toWebhookSecret(randomBytes(32));
  const key = toEd25519Key(randomBytes(32));
  const now = Math.floor(Date.now() / 1000);
  return { secret, key, now };
}

describe('a signature by HMAC', () => {
  test('is that of the published example', () => {
    const sign = createWebhookSigner('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const message = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestamp: 1614265330,
      body: '{"test": 2432232314}',
    };
    expect(sign(message)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  test('is verified by the package standardwebhooks, whatever the text', () => {
    const { secret, now } = setup();
    const webhook = new Webhook(secret);
    fc.assert(
      fc.property(fc.json(), (body) => {
        const headers = signWebhook({ id: 'an-id.accepted', timestamp: now, body }, [
          createWebhookSigner(secret),
        ]);
        expect(webhook.verify(body, headers)).toEqual(JSON.parse(body));
      }),
    );
  });

  test.each([
    'whsec_',
    'whsec_c2hvcnQ=',
    `whsec_${randomBytes(65).toString('base64')}`,
    'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'whsec_*',
  ])('is made with no secret like %s', (secret) => {
    expect(() => createWebhookSigner(secret)).toThrow('A webhook secret is whsec_');
  });
});

describe('a signature by ed25519', () => {
  test('is verified by the published key', () => {
    const { key, now } = setup();
    const message = { id: 'an-id', timestamp: now, body: '{"type":"upload.accepted"}' };
    const [version, signature = ''] = createWebhookKeySigner(key)(message).split(',');
    const [prefix, raw = ''] = toWebhookPublicKey(key).split('_');
    const publicKey = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw, 'base64').toString('base64url') },
      format: 'jwk',
    });
    expect([version, prefix]).toEqual(['v1a', 'whpk']);
    const signed = Buffer.from(`${message.id}.${message.timestamp}.${message.body}`);
    expect(verify(null, signed, publicKey, Buffer.from(signature, 'base64'))).toBe(true);
  });

  // RFC 8032, section 7.1, test 1.
  test('is that of the published vector, for the published key', () => {
    const key = toEd25519Key(
      Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex'),
    );
    expect(toWebhookPublicKey(key)).toBe(
      `whpk_${Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex').toString('base64')}`,
    );
  });
});

test('several signatures stand beside each other, and any of their secrets verifies them', () => {
  const { secret, key, now } = setup();
  const other = toWebhookSecret(randomBytes(32));
  const headers = signWebhook({ id: 'an-id', timestamp: now, body: '{}' }, [
    createWebhookSigner(secret),
    createWebhookSigner(other),
    createWebhookKeySigner(key),
  ]);
  expect(headers['webhook-signature'].split(' ').map((one) => one.split(',')[0])).toEqual([
    'v1',
    'v1',
    'v1a',
  ]);
  for (const known of [secret, other]) expect(new Webhook(known).verify('{}', headers)).toEqual({});
  expect(() => new Webhook(toWebhookSecret(randomBytes(32))).verify('{}', headers)).toThrow('No matching');
});

test('no entry of the package leads to it, since pages cannot load what it imports', () => {
  expect(readFileSync('packages/contract/src/public.ts', 'utf8')).not.toContain('webhook-signature');
});
