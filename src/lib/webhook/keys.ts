import { hkdfSync } from 'node:crypto';
import {
  createWebhookKeySigner,
  createWebhookSigner,
  toEd25519Key,
  toWebhookPublicKey,
  toWebhookSecret,
} from '@sluice/contract/webhook-signature';
import { type Endpoint, type SignatureKind, versionsOf } from './endpoint.ts';
import type { Keys } from './ports.ts';

const KEY_BYTES = 32;
const LEAST_MASTER_CHARACTERS = 32;

type KeyName = Pick<Endpoint, 'id'> & { readonly version: number };

/**
 * The secrets and keys of all endpoints, derived by HKDF of the master secret: none is stored.
 * @param masters the present master secret, and the one before it while it is replaced
 */
export function createWebhookKeys(masters: () => Promise<readonly [string, ...string[]]>): Keys {
  const deriveAll = async (endpoint: Endpoint, kind: SignatureKind, now: number) => {
    const [master, ...others] = await masters();
    const { id } = endpoint;
    const [version = endpoint.version, ...older] = versionsOf(endpoint, now);
    const newest = derive(master, kind, { id, version });
    const rest = [
      ...others.map((other) => derive(other, kind, { id, version })),
      ...older.flatMap((old) => [master, ...others].map((one) => derive(one, kind, { id, version: old }))),
    ];
    return [newest, ...rest] as const;
  };
  const secretsOf: Keys['secretsOf'] = async (endpoint, now) => {
    const [newest, ...rest] = await deriveAll(endpoint, 'v1', now);
    return [toWebhookSecret(newest), ...rest.map(toWebhookSecret)];
  };
  return {
    secretsOf,
    publicKeysOf: async (endpoint, now) => {
      const toPublic = (seed: Uint8Array) => toWebhookPublicKey(toEd25519Key(seed));
      const [newest, ...rest] = await deriveAll(endpoint, 'v1a', now);
      return [toPublic(newest), ...rest.map(toPublic)];
    },
    signersOf: async (endpoint, now) => {
      const { signatures } = endpoint;
      const secrets = signatures.includes('v1') ? await secretsOf(endpoint, now) : [];
      const seeds = signatures.includes('v1a') ? await deriveAll(endpoint, 'v1a', now) : [];
      return [
        ...secrets.map(createWebhookSigner),
        ...seeds.map((seed) => createWebhookKeySigner(toEd25519Key(seed))),
      ];
    },
  };
}

/** The newest secret of an endpoint by one master secret, for whoever has that at hand. */
export function deriveSecret(master: string, name: KeyName): string {
  return toWebhookSecret(derive(master, 'v1', name));
}

function derive(master: string, kind: SignatureKind, { id, version }: KeyName): Uint8Array {
  if (master.length < LEAST_MASTER_CHARACTERS) throw new Error('the master secret of webhooks is too short');
  // JSON keeps the parts apart, whatever they contain.
  const info = JSON.stringify(['sluice webhook', kind, id, version]);
  return new Uint8Array(hkdfSync('sha256', master, '', info, KEY_BYTES));
}
