import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import type { UploadGrant } from '../../../src/lib/grant/grant.ts';
import { createGrantTokens } from '../../../src/lib/grant/token.ts';
import { deleteUpload } from '../../../src/lib/upload/delete.ts';
import { createSessionTokens } from '../../../src/lib/uppy/session.ts';
import { sessionOf } from '../../../src/lib/uppy/session-of.ts';
import { aGrant } from '../../contract/grants.contract.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createMemoryGrants } from '../../fakes/memory-grants.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';

const NOW = 1_795_166_100_000;
const KEYS = ['k'.repeat(64)] as const;

function setup(changes: Partial<UploadGrant> = {}) {
  const grants = createMemoryGrants();
  const grant = aGrant({ createdAt: NOW, expiresAt: NOW + 60_000, ...changes });
  grants.rows.set(grant.id, grant);
  const tokens = createGrantTokens(KEYS);
  const old = createSessionTokens(KEYS);
  const source = {
    grants,
    grantKeys: { tokens: async () => tokens },
    keys: { tokens: async () => old },
    now: () => NOW,
  };
  const ask = (token: string) =>
    sessionOf({ pathParameters: { token }, requestContext: {} } as unknown as APIGatewayProxyEventV2, source);
  return { grants, grant, old, ask, token: tokens.issue({ grantId: grant.id, expiresAt: grant.expiresAt }) };
}

function refused(code: string) {
  return expect.objectContaining({ code });
}

describe('a token in the path of Uppy', () => {
  test('stands for its grant, as its row is now', async () => {
    const { grant, ask, token } = setup({ policy: 'images', uploads: 2 });
    expect(await ask(token)).toEqual({
      caller: { kind: 'grant', tenant: 'acme', subject: 'ada', grantId: grant.id, grant },
      policy: 'images',
      expiresAt: grant.expiresAt,
      grant,
    });
  });

  test('of a grant that a person made for themself stands for them: they go on with what they began before', async () => {
    const { ask, token } = setup({ createdBy: { kind: 'user', id: 'ada' } });
    expect((await ask(token)).caller).toEqual({ kind: 'user', tenant: 'acme', subject: 'ada' });
  });

  test('is worth nothing once the grant is revoked, and where there is no row of it', async () => {
    const { grants, grant, ask, token } = setup();
    await grants.revoke(grant.id, NOW);
    await expect(ask(token)).rejects.toThrow(refused('grant_revoked'));
    grants.rows.delete(grant.id);
    await expect(ask(token)).rejects.toThrow(refused('session_invalid'));
  });

  test('from before grants is good until it ends', async () => {
    const { old, ask } = setup();
    const caller = { kind: 'user', tenant: 'acme', subject: 'bob' } as const;
    const session = { caller, policy: 'images', expiresAt: NOW + 1_000 };
    expect(await ask(old.issue(session, session.expiresAt))).toEqual(session);
    await expect(ask(old.issue(session, NOW))).rejects.toThrow(refused('session_expired'));
  });

  test.each(['', 'slu1.a.b.c', 'slu2.a.b.c', 'slu3.a.b.c'])('is refused when it is %j', async (token) => {
    await expect(setup().ask(token)).rejects.toThrow(refused('session_invalid'));
  });
});

describe('whoever has a grant', () => {
  const world = async () => {
    const { grants, grant } = setup({ uploads: 1, bytes: 9 });
    const ledger = createMemoryLedger(grants);
    const objects = createMemoryObjects();
    const row = aRequest({ grantId: grant.id, reserved: 9, size: 9, createdAt: NOW });
    await ledger.record(row, { grant });
    const deps = {
      ledger,
      objects,
      multipart: createMemoryMultipart(objects),
      forgetCopies: async () => {},
      now: () => NOW,
      newId: () => 'w1',
      rowRetentionInSeconds: 60,
    };
    const caller = { kind: 'grant', tenant: 'acme', subject: 'ada', grantId: grant.id } as const;
    return { grants, grant, ledger, row, deps, caller };
  };

  test('gives up what has not arrived, and gets it back', async () => {
    const { grants, grant, row, deps, caller } = await world();
    expect((await deleteUpload(deps, caller, row.id)).state).toBe('aborted');
    expect(grants.rows.get(grant.id)).toMatchObject({ takenUploads: 0, takenBytes: 0 });
  });

  test('deletes no accepted file, its own neither', async () => {
    const { ledger, row, deps, caller } = await world();
    await ledger.move(row, 'accepted', { evidence: { etag: 'e', size: 9 } });
    await expect(deleteUpload(deps, caller, row.id)).rejects.toThrow(refused('caller_kind_refused'));
    expect((await ledger.read(row.id))?.state).toBe('accepted');
  });

  test('finds nothing of another grant of the same owner', async () => {
    const { row, deps, caller } = await world();
    const other = { ...caller, grantId: crypto.randomUUID() };
    await expect(deleteUpload(deps, other, row.id)).rejects.toThrow(refused('upload_not_found'));
  });
});
