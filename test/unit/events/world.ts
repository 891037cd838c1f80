import { readdirSync, readFileSync } from 'node:fs';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import type { Upload } from '@sluice/contract/upload';
import type { Context } from 'aws-lambda';
import { createDownloadSigner, createPartSigner, createUploadSigner } from '../../../src/lib/aws/signers.ts';
import { roleKeys } from '../../../src/lib/aws/stores.ts';
import type { UploadGrant } from '../../../src/lib/grant/grant.ts';
import type { Message } from '../../../src/lib/intake/messages.ts';
import { policies } from '../../../src/policies.ts';
import { aGrant } from '../../contract/grants.contract.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createMemoryGrants } from '../../fakes/memory-grants.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';
import { createWebhooksWorld } from './webhooks-world.ts';

export const FIXTURES = readdirSync('events').filter((name) => name.endsWith('.json'));

export function readEvent(name: string) {
  return JSON.parse(readFileSync(`events/${name}`, 'utf8'));
}

/** The names of a function's events, without its own and the ending. */
export function variantsOf(fn: string): string[] {
  return FIXTURES.filter((name) => name.startsWith(`${fn}.`)).map((name) =>
    name.slice(fn.length + 1, -'.json'.length),
  );
}

// What the events speak of: they are all of one upload, by one caller, at one time.
export const NOW = Date.parse('2026-11-20T09:15:00Z');
export const OWNER = '6f1d2c3b-4a59-4e68-9b7c-0d1e2f3a4b5c';
export const ID = '0b6a3f6e-52d4-4c0a-9a39-7f1f0f6f2d10';
export const KEY = `${OWNER}/${ID}`;
export const GRANT_ID = '3c9d1c1e-8a0b-4b7f-9d52-5f0a4f1c2b3d';
export const UPLOAD_ID = 'VXBsb2FkIElEIGZvciA2aWWpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA';
export const INCOMING = 'sluice-dev-incomingbucket-8f3kq2xv7w1c';
const MINUTE = 60_000;

const A_GRANT = {
  tenant: OWNER,
  subject: OWNER,
  policy: 'images',
  uploads: 2,
  bytes: 1_000_000,
  metadata: { order: '7' },
  reference: 'order-7',
  createdBy: { kind: 'service', id: '7service8example9client0' },
  createdAt: NOW - MINUTE,
  expiresAt: NOW + 30 * MINUTE,
} satisfies Partial<UploadGrant>;

export const context = {
  functionName: 'sluice-dev',
  awsRequestId: 'invocation-1',
  getRemainingTimeInMillis: () => 60_000,
} as Context;

/**
 * Everything that a function reaches, in memory, and signers that sign; with the upload that the events are
 * about.
 * @param row how that upload differs from one that was just requested; none for a ledger without it
 * @param grant how the grant that some events are under differs from one that a service has just made
 */
export async function createWorld(row?: Partial<Upload>, grant: Partial<UploadGrant> = {}) {
  const grants = createMemoryGrants();
  grants.rows.set(GRANT_ID, aGrant({ id: GRANT_ID, ...A_GRANT, ...grant }));
  const ledger = createMemoryLedger(grants);
  const objects = createMemoryObjects();
  const multipart = createMemoryMultipart(objects);
  const connection = resolveSettings({
    environment: {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
    },
  });
  const stores = { settings: connection, publicSettings: connection, keys: roleKeys(connection) };
  const announced: string[] = [];
  const buried: string[] = [];
  if (row !== undefined) {
    const times = { createdAt: NOW - MINUTE, expiresAt: NOW + 15 * MINUTE, dueAt: NOW + 75 * MINUTE };
    await ledger.record(aRequest({ id: ID, tenant: OWNER, subject: OWNER, ...times, ...row }));
    if (row.multipart) multipart.open.set(UPLOAD_ID, { key: KEY, parts: new Map() });
  }
  return {
    ledger,
    recordTogether: ledger.recordTogether,
    grants,
    // An event may name the object's version; these buckets keep none.
    objects: { ...objects, facts: (place, key) => objects.facts(place, key) } satisfies typeof objects,
    multipart,
    ready: stores.keys.ready,
    signUpload: createUploadSigner(stores, INCOMING),
    signParts: createPartSigner(stores, INCOMING),
    signDownload: createDownloadSigner(stores, 'store'),
    policies,
    now: () => NOW,
    newId: () => ID,
    expiryGraceInSeconds: 3_600,
    countArrivals: async () => 0,
    rowRetentionInSeconds: 86_400,
    apiUrl: 'https://api.example.com',
    bucket: INCOMING,
    incomingBucket: INCOMING,
    // Whose key made the tokens of the events nobody knows: here they are the owner's, or the grant's.
    grantKeys: {
      tokens: async () => ({
        issue: () => 'slu2.AbCdEf12.payload.mac',
        read: () => ({ grantId: GRANT_ID, expiresAt: NOW + 30 * MINUTE }),
        knows: () => true,
      }),
    },
    keys: {
      tokens: async () => ({
        issue: () => 'slu1.AbCdEf12.payload.mac',
        read: () => ({
          caller: { kind: 'user', tenant: OWNER, subject: OWNER } as const,
          expiresAt: NOW + 30 * MINUTE,
        }),
        knows: () => true,
      }),
    },
    announce: async ({ id }: Upload) => void announced.push(id),
    queue: {
      hide: async () => {},
      acknowledge: async () => {},
      sendAgain: async () => {},
      bury: async ({ id }: Message) => void buried.push(id),
    },
    every: () => () => {},
    random: () => 0.5,
    webhooks: createWebhooksWorld(
      () => NOW,
      () => ID,
    ),
    sockets: () => ({ opened: 0, reused: 0, busy: 0, idle: 0, waiting: 0 }),
    announced,
    buried,
    row: () => ledger.rows.get(ID)?.upload,
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;
