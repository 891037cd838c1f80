import { describe, expect, test } from 'vitest';
import { isUnder, leftOf, refuseEnded, refuseUsedUp, toGranted } from '../../../src/lib/grant/check.ts';
import { aGrant } from '../../contract/grants.contract.ts';
import { aRequest } from '../../contract/ledger.contract.ts';

const NOW = 1_000;

function aWish(changes: object = {}) {
  return { filename: 'a.png', contentType: 'image/png', size: 10, metadata: {}, ...changes };
}

function refused(code: string) {
  return expect.objectContaining({ code });
}

describe('a grant', () => {
  test('ends at its end, to the millisecond, and when it is revoked', () => {
    expect(() => refuseEnded(aGrant({ expiresAt: NOW + 1 }), NOW)).not.toThrow();
    expect(() => refuseEnded(aGrant({ expiresAt: NOW }), NOW)).toThrow(refused('session_expired'));
    expect(() => refuseEnded(aGrant({ revokedAt: 1 }), NOW)).toThrow(refused('grant_revoked'));
  });

  test('takes as many files as it is for, and not one more', () => {
    expect(() => refuseUsedUp(aGrant({ uploads: 3, takenUploads: 2 }), 0)).not.toThrow();
    expect(() => refuseUsedUp(aGrant({ uploads: 3, takenUploads: 3 }), 0)).toThrow(
      refused('grant_uploads_used_up'),
    );
  });

  test('takes as many bytes as it is for, and not one more', () => {
    const grant = aGrant({ bytes: 10, takenBytes: 4 });
    expect(() => refuseUsedUp(grant, 6)).not.toThrow();
    expect(() => refuseUsedUp(grant, 7)).toThrow(refused('grant_bytes_used_up'));
  });

  test('takes only its policy, named or not', () => {
    const grant = aGrant({ policy: 'images' });
    expect(toGranted(grant, aWish(), NOW)).toMatchObject({ policy: 'images' });
    expect(toGranted(grant, aWish({ policy: 'images' }), NOW)).toMatchObject({ policy: 'images' });
    expect(() => toGranted(grant, aWish({ policy: 'documents' }), NOW)).toThrow(
      refused('policy_not_granted'),
    );
    expect(toGranted(aGrant(), aWish({ policy: 'documents' }), NOW)).toMatchObject({ policy: 'documents' });
  });

  test('takes only its types, whatever name the client has for them', () => {
    const grant = aGrant({ types: ['image/jpeg'] });
    expect(() => toGranted(grant, aWish({ contentType: 'IMAGE/JPG' }), NOW)).not.toThrow();
    expect(() => toGranted(grant, aWish(), NOW)).toThrow(refused('type_not_allowed'));
  });

  test('takes nothing once it has ended', () => {
    expect(() => toGranted(aGrant({ revokedAt: 1 }), aWish(), NOW)).toThrow(refused('grant_revoked'));
    expect(() => toGranted(aGrant({ expiresAt: NOW }), aWish(), NOW)).toThrow(refused('session_expired'));
  });

  test('lowers the limit of each file, and never raises it', () => {
    expect(toGranted(aGrant({ maxBytes: 9 }), aWish(), NOW)).toMatchObject({ maxBytes: 9 });
    expect(toGranted(aGrant({ maxBytes: 9 }), aWish({ maxBytes: 8 }), NOW)).toMatchObject({ maxBytes: 8 });
    expect(toGranted(aGrant(), aWish(), NOW)).not.toHaveProperty('maxBytes');
  });

  test('lets a file that declares no size have what is left, and none where nothing is', () => {
    const unsized = aWish({ size: undefined });
    const grant = aGrant({ bytes: 10, takenBytes: 4 });
    expect(toGranted(grant, unsized, NOW)).toMatchObject({ maxBytes: 6 });
    expect(toGranted({ ...grant, maxBytes: 5 }, unsized, NOW)).toMatchObject({ maxBytes: 5 });
    expect(() => toGranted({ ...grant, takenBytes: 10 }, unsized, NOW)).toThrow(
      refused('grant_bytes_used_up'),
    );
    expect(toGranted(grant, aWish(), NOW)).not.toHaveProperty('maxBytes');
  });

  test('has metadata that a client adds to and does not change', () => {
    const grant = aGrant({ metadata: { order: '7' } });
    const { metadata } = toGranted(grant, aWish({ metadata: { order: '8', album: 'spring' } }), NOW);
    expect(metadata).toEqual({ order: '7', album: 'spring' });
  });

  test('has left what was not taken, and never less than nothing', () => {
    expect(leftOf(aGrant({ uploads: 3, bytes: 10, takenUploads: 1, takenBytes: 4 }))).toEqual({
      uploads: 2,
      bytes: 6,
    });
    expect(leftOf(aGrant({ takenUploads: 1 }))).toEqual({});
    expect(leftOf(aGrant({ uploads: 1, takenUploads: 2 }))).toEqual({ uploads: 0 });
  });

  test('is that of an upload by its id, its tenant and its subject together', () => {
    const grant = aGrant();
    const own = aRequest({ grantId: grant.id });
    expect(isUnder(grant, own)).toBe(true);
    expect(isUnder(grant, { ...own, tenant: 'acme1' })).toBe(false);
    expect(isUnder(grant, { ...own, subject: 'eve' })).toBe(false);
    expect(isUnder(aGrant(), own)).toBe(false);
    expect(isUnder(grant, aRequest())).toBe(false);
  });
});
