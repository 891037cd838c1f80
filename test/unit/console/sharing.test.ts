import { describe as describeItem } from '@sluice/console/describe';
import { createToSharing, READER_WORDS } from '@sluice/console/sharing';
import { STATES } from '@sluice/contract/state';
import { READERS, type Readers } from '@sluice/contract/upload';
import { expect, test } from 'vitest';
import type { Policy } from '../../../src/lib/upload/policy.ts';
import { policies as shipped } from '../../../src/policies.ts';
import { upload } from './upload.ts';

function setup(allowed?: readonly Readers[]) {
  const { readers: _shipped, ...images } = { ...(shipped.images as Policy), name: 'images' };
  const policy = { ...images, ...(allowed && { readers: { allowed, default: 'owner' as const } }) };
  return createToSharing('https://api.example.com', { policies: [policy], singleUploadMaxBytes: 1 });
}

test('offers the readers that the policy allows, the present ones chosen', () => {
  expect(setup(['owner', 'tenant'])(upload({ id: 'u1', readers: 'tenant' }))).toEqual({
    readers: 'tenant',
    choices: ['owner', 'tenant'],
  });
});

test('offers nothing where there is nothing to choose', () => {
  expect(setup()(upload({ id: 'u1' }))).toBeUndefined();
  expect(setup(['owner'])(upload({ id: 'u1', readers: 'owner' }))).toBeUndefined();
  expect(setup(['owner', 'tenant'])(upload({ id: 'u1', policy: 'gone' }))).toBeUndefined();
});

test('lets somebody take back what a policy does not allow any more', () => {
  expect(setup(['owner'])(upload({ id: 'u1', readers: 'anyone' }))?.choices).toEqual(['anyone', 'owner']);
});

test('has the address that stays of a file that anyone may read, by the name that it is served under', () => {
  const one = upload({ id: 'u1', readers: 'anyone', filename: 'snow', servedName: 'snow fall.png' });
  expect(setup(READERS)(one)?.address).toBe('https://api.example.com/files/u1/snow%20fall.png');
  expect(setup(READERS)({ ...one, readers: 'tenant' })?.address).toBeUndefined();
  expect(setup(READERS)({ ...one, state: 'verifying' })?.address).toBeUndefined();
});

test.each(STATES)('of an upload that is %s, readers are offered as long as they may matter', (state) => {
  const offers = setup(READERS)(upload({ id: 'u1', state })) !== undefined;
  expect(offers).toBe(['requested', 'verifying', 'scanning', 'held', 'accepted'].includes(state));
});

test('is part of what a row shows, and each kind of readers has its own words', () => {
  const item = { key: 'k1', upload: upload({ id: 'u1' }) };
  expect(describeItem(item, 'ada', setup(READERS)).sharing?.choices).toEqual(READERS);
  expect(describeItem(item, 'ada')).not.toHaveProperty('sharing');
  expect(new Set(READERS.map((readers) => READER_WORDS[readers])).size).toBe(READERS.length);
});
