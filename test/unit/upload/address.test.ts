import { TYPES } from '@sluice/contract/type-table';
import type { Upload } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import {
  type AddressRequest,
  merelyShows,
  type Reading,
  toAddress,
} from '../../../src/lib/upload/address.ts';
import type { Policies } from '../../../src/lib/upload/policy.ts';
import { policies as shipped } from '../../../src/policies.ts';
import { aRequest } from '../../contract/ledger.contract.ts';

function setup(changes: Partial<Upload> = {}) {
  const signed: AddressRequest[] = [];
  const { readers: _readers, inline: _inline, ...plain } = shipped.images as Policies[string];
  const policies: Policies = {
    shown: { ...plain, inline: true },
    saved: { ...plain, inline: false },
    plain,
    slow: { ...plain, downloadExpiresInSeconds: 7_200 },
  };
  const upload = aRequest({ state: 'accepted', policy: 'shown', servedType: 'image/jpeg', ...changes });
  const sign = async (request: AddressRequest) => {
    signed.push(request);
    return { url: 'https://store/', expiresAt: new Date(9_000) };
  };
  return {
    upload,
    signed,
    address: (reading?: Reading) => toAddress({ sign, policies, now: () => 5_000 }, upload, reading),
  };
}

describe('the address of a file', () => {
  test('is for saving it, with the headers that it is stored with, when nothing else is asked for', async () => {
    const { address, signed, upload } = setup();
    expect(await address()).toEqual({ url: 'https://store/', expiresAt: new Date(9_000), inline: false });
    expect(signed).toEqual([
      { method: 'GET', key: upload.key, expiresInSeconds: 300, signedAt: new Date(5_000) },
    ]);
  });

  test('is for showing it when that is asked for, under its own name and as the type that was verified', async () => {
    const { address, signed } = setup({ filename: 'snow', servedType: 'image/jpeg' });
    expect(await address({ inline: true })).toMatchObject({ inline: true });
    expect(signed[0]?.answer).toEqual({
      contentType: 'image/jpeg',
      contentDisposition: `inline; filename="snow.jpg"; filename*=UTF-8''snow.jpg`,
    });
  });

  test.each(['saved', 'plain', 'gone', 'constructor'])(
    'is for saving it, whatever is asked for, under the policy %s, which does not let it be shown',
    async (policy) => {
      const { address, signed } = setup({ policy });
      expect(await address({ inline: true })).toMatchObject({ inline: false });
      expect(signed[0]?.answer).toBeUndefined();
    },
  );

  test.each(['image/svg+xml', 'text/html', 'text/plain; charset=utf-8', 'application/zip', 'image/x-own'])(
    'is for saving it, whatever is asked for, of %s',
    async (servedType) => {
      const { address } = setup({ servedType });
      expect(await address({ inline: true })).toMatchObject({ inline: false });
    },
  );

  test('is valid for as long as the policy says', async () => {
    const { address, signed } = setup({ policy: 'slow' });
    await address();
    expect(signed[0]?.expiresInSeconds).toBe(7_200);
  });

  test('is of the method asked for, since a signature is for one', async () => {
    const { address, signed } = setup();
    await address({ method: 'HEAD' });
    expect(signed[0]?.method).toBe('HEAD');
  });
});

test('of all types, those that merely show are pictures, sound, film and PDF, and none that runs', () => {
  const shown = Object.keys(TYPES).filter(merelyShows);
  expect(shown).toEqual(expect.arrayContaining(['image/png', 'audio/mpeg', 'video/mp4', 'application/pdf']));
  expect(shown.filter((type) => !/^(image|audio|video)\//.test(type))).toEqual(['application/pdf']);
  expect(shown.filter((type) => /svg|xml|html|script/.test(type))).toEqual([]);
});
