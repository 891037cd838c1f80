import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { mintGrant } from '../../../src/lib/grant/mint.ts';
import { createGrantTokens } from '../../../src/lib/grant/token.ts';
import { requestUpload } from '../../../src/lib/upload/request.ts';
import { policies } from '../../../src/policies.ts';
import { createAdminWorld, NOW } from './world.ts';

const ADA = { tenant: 'acme', subject: 'ada' } as const;
const BOB = { tenant: 'acme', subject: 'bob' } as const;

async function setup() {
  const world = await createAdminWorld();
  const { ledger, grants, blocks } = world;
  const request = async (owner: typeof ADA | typeof BOB) => {
    const deps = {
      ledger,
      sign: async () => ({
        signature: { put: { url: 'u', method: 'PUT' as const, headers: {} } },
        expiresAt: new Date(NOW),
      }),
      multipart: async () => world.multipart,
      policies,
      now: () => NOW,
      newId: () => crypto.randomUUID(),
      expiryGraceInSeconds: 60,
      blocks,
    };
    const intent = { filename: 'a.csv', contentType: 'text/csv', size: 3, metadata: {} };
    return requestUpload(deps, owner, intent, { correlationId: 'c' });
  };
  const mint = async (owner: typeof ADA | typeof BOB) => {
    const tokens = createGrantTokens([randomBytes(32).toString('hex')]);
    const deps = { grants, policies, tokens, now: () => NOW, newId: () => crypto.randomUUID(), blocks };
    return mintGrant(deps, owner, { kind: 'user', ...owner }, { expiresInSeconds: 60 });
  };
  return { ...world, request, mint };
}

test('an owner who is blocked requests nothing and gets no grant from then on, until they are unblocked', async () => {
  const { ask, request, mint } = await setup();
  await request(ADA);
  expect(await ask({ command: 'block', ...ADA })).toMatchObject({ counts: { blocked: 1 } });
  await expect(request(ADA)).rejects.toMatchObject({ code: 'owner_blocked' });
  await expect(mint(ADA)).rejects.toMatchObject({ code: 'owner_blocked' });
  await request(BOB);
  await mint(BOB);
  expect(await ask({ command: 'unblock', ...ADA })).toMatchObject({ counts: { unblocked: 1 } });
  await request(ADA);
});

test('a tenant that is blocked is everybody of it', async () => {
  const { ask, request } = await setup();
  await ask({ command: 'block', tenant: 'acme' });
  for (const owner of [ADA, BOB])
    await expect(request(owner)).rejects.toMatchObject({ code: 'owner_blocked' });
  // An owner's own block is another.
  expect(await ask({ command: 'unblock', ...ADA })).toMatchObject({ counts: { unchanged: 1 } });
  await expect(request(ADA)).rejects.toMatchObject({ code: 'owner_blocked' });
});

test('a dry run blocks nobody, and a repeat changes nothing', async () => {
  const { ask, request } = await setup();
  expect(await ask({ command: 'block', ...ADA, dryRun: true })).toMatchObject({ counts: { blocked: 1 } });
  await request(ADA);
  await ask({ command: 'block', ...ADA });
  expect(await ask({ command: 'block', ...ADA })).toMatchObject({ counts: { unchanged: 1 } });
});
