import { describe, expect, test } from 'vitest';
import { mintGrant } from '../../../src/lib/grant/mint.ts';
import { createGrantTokens } from '../../../src/lib/grant/token.ts';
import { parseGrant } from '../../../src/lib/http/parse-grant.ts';
import { policies } from '../../../src/policies.ts';
import { createMemoryGrants } from '../../fakes/memory-grants.ts';

const NOW = 1_795_166_100_123;
const ADA = { tenant: 'acme', subject: 'ada' };
const SHOP = { kind: 'service', client: 'shop', scopes: ['grants'], tenant: 'acme' } as const;

function setup() {
  const grants = createMemoryGrants();
  const tokens = createGrantTokens(['k'.repeat(64)]);
  const { images } = policies;
  if (images === undefined) throw new Error('there is a policy for pictures');
  const deps = {
    grants,
    tokens,
    policies: { ...policies, tagged: { ...images, metadataKeys: ['order'] } },
    now: () => NOW,
    newId: () => crypto.randomUUID(),
  };
  const mint = async (body?: unknown, caller: Parameters<typeof mintGrant>[2] = SHOP) =>
    mintGrant(
      deps,
      ADA,
      caller,
      parseGrant({
        headers: { 'content-type': 'application/json' },
        isBase64Encoded: false,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
  return { grants, tokens, mint };
}

describe('a new grant', () => {
  test('lasts an hour and has the limits of the policies when nothing is asked for', async () => {
    const { grants, tokens, mint } = setup();
    for (const body of [undefined, {}]) {
      const { grant, token } = await mint(body);
      const expiresAt = Math.floor(NOW / 1000) * 1000 + 3_600_000;
      expect(grant).toEqual({
        ...ADA,
        id: grant.id,
        metadata: {},
        createdBy: { kind: 'service', id: 'shop' },
        createdAt: NOW,
        expiresAt,
        takenUploads: 0,
        takenBytes: 0,
      });
      expect(grants.rows.get(grant.id)).toEqual(grant);
      expect(tokens.read(token, NOW)).toEqual({ grantId: grant.id, expiresAt });
    }
  });

  test('has what it is asked to have, types by their canonical names, and a token that says none of it', async () => {
    const { mint } = setup();
    const limits = { policy: 'images', maxBytes: 1000, uploads: 2, bytes: 1500, metadata: { order: '7' } };
    const { grant, token } = await mint({ ...limits, types: ['IMAGE/JPG'], expiresInSeconds: 60 });
    expect(grant).toMatchObject({ ...limits, types: ['image/jpeg'] });
    const payload = Buffer.from(token.split('.')[2] ?? '', 'base64url').toString();
    expect(Object.keys(JSON.parse(payload))).toEqual(['g', 'e']);
  });

  test('says which person made it for themself', async () => {
    const { mint } = setup();
    const { grant } = await mint({}, { kind: 'user', ...ADA });
    expect(grant.createdBy).toEqual({ kind: 'user', id: 'ada' });
  });

  test.each([
    ['policy_unknown', { policy: 'nope' }],
    ['policy_unknown', { policy: 'constructor' }],
    ['type_not_allowed', { types: ['text/html'] }],
    ['type_not_allowed', { policy: 'images', types: ['image/png', 'text/csv'] }],
    ['content_type_invalid', { types: ['png'] }],
    ['session_types_invalid', { types: [] }],
    ['session_max_bytes_invalid', { maxBytes: 0 }],
    ['session_lifetime_invalid', { expiresInSeconds: 59 }],
    ['session_lifetime_invalid', { expiresInSeconds: 86_401 }],
    ['grant_uploads_invalid', { uploads: 0 }],
    ['grant_uploads_invalid', { uploads: 1.5 }],
    ['grant_bytes_invalid', { bytes: '10' }],
    ['grant_bytes_invalid', { bytes: 2 ** 53 }],
    ['metadata_invalid', { metadata: { order: 7 } }],
    ['metadata_too_large', { metadata: { order: 'x'.repeat(2_048) } }],
    ['metadata_key_unknown', { policy: 'tagged', metadata: { album: 'spring' } }],
    ['field_unknown', { tenant: 'other' }],
  ])('is refused as %s for %j, and nothing is recorded', async (code, body) => {
    const { grants, mint } = setup();
    await expect(mint(body)).rejects.toMatchObject({ code });
    expect(grants.rows.size).toBe(0);
  });
});
