import { createHmac } from 'node:crypto';
import { signWebhook } from '@sluice/contract/webhook-signature';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../src/lib/webhook/endpoint.ts';
import { createWebhookKeys, deriveSecret } from '../../../src/lib/webhook/keys.ts';
import { endpointOf, MASTER } from './world.ts';

const OTHER = 'o'.repeat(64);
const NOW = Date.now();

function setup(masters: readonly [string, ...string[]] = [MASTER]) {
  const keys = createWebhookKeys(async () => masters);
  const verifies = async (secret: string, endpoint = endpointOf()) => {
    const message = { id: 'a0.accepted', timestamp: Math.floor(NOW / 1_000), body: '{"a":1}' };
    const headers = signWebhook(message, await keys.signersOf(endpoint, NOW));
    try {
      return new Webhook(secret).verify(message.body, headers) !== undefined;
    } catch {
      return false;
    }
  };
  return { keys, verifies };
}

describe('the secrets of endpoints', () => {
  test('are each endpoint’s own, and each version’s', () => {
    const secrets = ['e1', 'e2'].flatMap((id) =>
      [1, 2].map((version) => deriveSecret(MASTER, { id, version })),
    );
    expect(new Set([...secrets, deriveSecret(OTHER, { id: 'e1', version: 1 })]).size).toBe(5);
    for (const secret of secrets) expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  });

  test('stay the same from release to release, or receivers would refuse what is sent', () => {
    // HKDF of RFC 5869 by hand, with no salt and one block.
    const hmac = (key: string | Buffer, data: string | Buffer) =>
      createHmac('sha256', key).update(data).digest();
    const extracted = hmac(Buffer.alloc(32), MASTER);
    const expanded = hmac(
      extracted,
      Buffer.concat([Buffer.from('["sluice webhook","v1","e1",1]'), Buffer.from([1])]),
    );
    expect(deriveSecret(MASTER, { id: 'e1', version: 1 })).toBe(`whsec_${expanded.toString('base64')}`);
  });

  test('are both signed with while a rotation lasts, and only the new one afterwards', async () => {
    const { verifies } = setup();
    const [old, fresh] = [1, 2].map((version) => deriveSecret(MASTER, { id: 'e1', version }));
    const during = endpointOf({ version: 2, previousUntil: NOW + LIMITS.overlapMs });
    const after = endpointOf({ version: 2, previousUntil: NOW });
    expect([await verifies(old ?? '', during), await verifies(fresh ?? '', during)]).toEqual([true, true]);
    expect([await verifies(old ?? '', after), await verifies(fresh ?? '', after)]).toEqual([false, true]);
  });

  test('are signed with by both master secrets while the master secret is replaced', async () => {
    const { verifies, keys } = setup([OTHER, MASTER]);
    for (const master of [OTHER, MASTER]) {
      expect(await verifies(deriveSecret(master, { id: 'e1', version: 1 }))).toBe(true);
    }
    expect((await keys.secretsOf(endpointOf(), NOW))[0]).toBe(deriveSecret(OTHER, { id: 'e1', version: 1 }));
  });

  test('are of no master secret that is too short to be one', () => {
    expect(() => deriveSecret('none', { id: 'e1', version: 1 })).toThrow('too short');
  });
});

test('an endpoint gets the kinds of signatures that it asks for', async () => {
  const { keys } = setup();
  const kindsOf = async (signatures: readonly ('v1' | 'v1a')[]) => {
    const signers = await keys.signersOf(endpointOf({ signatures }), NOW);
    return signers.map((sign) => sign({ id: 'a', timestamp: 1, body: '' }).split(',')[0]);
  };
  expect(await kindsOf(['v1'])).toEqual(['v1']);
  expect(await kindsOf(['v1a'])).toEqual(['v1a']);
  expect(await kindsOf(['v1', 'v1a'])).toEqual(['v1', 'v1a']);
});

test('public keys are each endpoint’s own, so that what was sent to one cannot be sent on to another', async () => {
  const { keys } = setup();
  const [one] = await keys.publicKeysOf(endpointOf({ id: 'e1' }), NOW);
  const [other] = await keys.publicKeysOf(endpointOf({ id: 'e2' }), NOW);
  expect(one).toMatch(/^whpk_[A-Za-z0-9+/]{43}=$/);
  expect(one).not.toBe(other);
});
