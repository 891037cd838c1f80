import type { Caller } from '@sluice/contract/caller';
import { expect, test } from 'vitest';
import { toResource } from '../../../src/lib/http/upload-resource.ts';
import { aRequest } from '../../contract/ledger.contract.ts';

const UPLOAD = aRequest({
  state: 'accepted',
  tenant: 'acme',
  subject: 'ada',
  metadata: { note: 'private' },
  reference: 'order-7',
  readers: 'anyone',
});

test.each<readonly [string, Caller]>([
  ['of the tenant', { kind: 'user', tenant: 'acme', subject: 'eve' }],
  ['of another tenant', { kind: 'user', tenant: 'acme2', subject: 'ada' }],
])('a reader %s sees neither the metadata of a file nor what it is for', (_whose, caller) => {
  const seen = JSON.stringify(toResource(UPLOAD, caller));
  expect(JSON.parse(seen)).toMatchObject({ id: UPLOAD.id, own: false, metadata: {} });
  for (const secret of ['private', 'order-7', 'acme', '"ada"', UPLOAD.key])
    expect(seen).not.toContain(secret);
});

test.each<readonly [string, Caller]>([
  ['the owner', { kind: 'user', tenant: 'acme', subject: 'ada' }],
  ['a service', { kind: 'service', client: 'shop', scopes: ['uploads.read'], tenant: 'acme' }],
])('%s sees both', (_who, caller) => {
  expect(toResource(UPLOAD, caller)).toMatchObject({ metadata: { note: 'private' }, reference: 'order-7' });
});
