import type { Caller } from '@sluice/contract/caller';
import { STATES } from '@sluice/contract/state';
import { READERS, type Upload } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import { toUser } from '../../../src/lib/upload/access.ts';
import type { AddressRequest } from '../../../src/lib/upload/address.ts';
import { openFile } from '../../../src/lib/upload/download.ts';
import type { Policies } from '../../../src/lib/upload/policy.ts';
import { listShared, shareUpload } from '../../../src/lib/upload/readers.ts';
import { policies as shipped } from '../../../src/policies.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';

const { readers: _shipped, ...plain } = shipped.images as Policies[string];
const policies: Policies = {
  open: { ...plain, readers: { allowed: ['owner', 'tenant', 'anyone'], default: 'owner', listed: true } },
  unlisted: { ...plain, readers: { allowed: ['owner', 'tenant', 'anyone'], default: 'owner' } },
  secret: plain,
};

async function setup(...uploads: readonly Partial<Upload>[]) {
  const ledger = createMemoryLedger();
  const rows = uploads.map((changes) => aRequest({ policy: 'open', state: 'accepted', ...changes }));
  for (const row of rows) await ledger.record(row);
  const [upload = aRequest()] = rows;
  return {
    ledger,
    upload,
    row: () => ledger.rows.get(upload.id)?.upload,
    share: (readers: Upload['readers'] & {}, caller: Caller = toUser(upload)) =>
      shareUpload({ ledger, policies }, caller, upload.id, readers),
  };
}

describe('the readers of a file', () => {
  test('are set by its owner, and counted', async () => {
    const { share, row } = await setup({});
    expect(await share('tenant')).toMatchObject({ readers: 'tenant', readersRevision: 1 });
    expect(await share('owner')).toMatchObject({ readers: 'owner', readersRevision: 2 });
    expect(row()).toMatchObject({ readers: 'owner', readersRevision: 2 });
  });

  test('that it has already are not written again, so that nobody hears of a change', async () => {
    const { share, row } = await setup({});
    await share('owner');
    expect(row()?.readersRevision).toBeUndefined();
    await share('tenant');
    await share('tenant');
    expect(row()?.readersRevision).toBe(1);
  });

  test.each(['secret', 'gone'])(
    'are the owner alone under the policy %s, and may be narrowed to that',
    async (policy) => {
      const { share } = await setup({ policy, readers: 'tenant' });
      await expect(share('anyone')).rejects.toMatchObject({
        code: 'readers_not_allowed',
        extras: { field: 'readers' },
      });
      expect(await share('owner')).toMatchObject({ readers: 'owner' });
    },
  );

  test.each(STATES)('of an upload that is %s can be set only while it has not ended', async (state) => {
    const { share } = await setup({ state });
    const outcome = await share('tenant').then(
      ({ readers }) => readers,
      (error: { code: string }) => error.code,
    );
    const ended = ['expired', 'aborted', 'deleted', 'recalled'].includes(state);
    expect(outcome).toBe(ended ? 'upload_ended' : 'tenant');
  });

  test('are set by no other user, also not by one who may read it', async () => {
    const { share, row } = await setup({ readers: 'tenant' });
    const member: Caller = { kind: 'user', tenant: 'acme', subject: 'eve' };
    await expect(share('anyone', member)).rejects.toMatchObject({ code: 'upload_not_found' });
    expect(row()?.readers).toBe('tenant');
  });

  test('are what the last of two calls said, when both come at once', async () => {
    const { share, row } = await setup({});
    const answers = await Promise.all([share('tenant'), share('anyone')]);
    expect(answers.map(({ readers }) => readers)).toEqual(['tenant', 'anyone']);
    expect(row()).toMatchObject({ readers: 'anyone', readersRevision: 2 });
  });

  test('are not set while others change them again and again: the caller is asked to come back', async () => {
    const { share, ledger, upload } = await setup({});
    const { share: write } = ledger;
    let turn = 0;
    ledger.share = async (seen, readers) => {
      const now = (await ledger.read(upload.id)) ?? upload;
      turn += 1;
      await write(now, READERS[turn % 2] ?? 'owner');
      return write(seen, readers);
    };
    await expect(share('anyone')).rejects.toMatchObject({ code: 'too_busy', retryable: true });
  });

  test('are told as gone when the row has gone meanwhile', async () => {
    const { share, ledger } = await setup({});
    ledger.share = async () => ({ shared: false, upload: undefined });
    await expect(share('tenant')).rejects.toMatchObject({ code: 'upload_not_found' });
  });
});

describe('what a tenant may read', () => {
  const member = { kind: 'user', tenant: 'acme', subject: 'eve' } as const;

  test('is listed for each of its members, newest first, and nothing else is', async () => {
    const shown = [
      { readers: 'tenant', createdAt: 9 },
      { readers: 'anyone', createdAt: 8 },
      { readers: 'tenant', subject: 'eve', createdAt: 7 },
    ] as const;
    const { ledger } = await setup(
      ...shown,
      {},
      { readers: 'owner' },
      { subject: 'eve' },
      { readers: 'tenant', policy: 'unlisted' },
      { readers: 'tenant', policy: 'secret' },
      { readers: 'tenant', policy: 'gone' },
      { readers: 'tenant', tenant: 'acme1' },
      { readers: 'anyone', tenant: 'acm' },
      ...STATES.filter((state) => state !== 'accepted').map((state) => ({
        state,
        readers: 'tenant' as const,
      })),
    );
    const { uploads } = await listShared({ ledger, policies }, member, { limit: 100 });
    expect(uploads.map(({ readers, subject, createdAt }) => ({ readers, subject, createdAt }))).toEqual(
      shown.map((one) => ({ subject: 'ada', ...one })),
    );
  });

  test('is read page by page, though a page may hold less than it could', async () => {
    const { ledger } = await setup(
      ...[9, 8, 7, 6, 5, 4].map((createdAt) => ({
        createdAt,
        ...(createdAt % 3 === 0 && { readers: 'tenant' as const }),
      })),
    );
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await listShared({ ledger, policies }, member, { limit: 2, ...(cursor && { cursor }) });
      seen.push(...page.uploads.map(({ createdAt }) => createdAt));
      cursor = page.cursor;
    } while (cursor);
    expect(seen).toEqual([9, 6]);
  });

  test('is nothing in another state than accepted', async () => {
    const { ledger } = await setup({ readers: 'tenant' });
    const page = { limit: 5, state: 'rejected' } as const;
    expect(await listShared({ ledger, policies }, member, page)).toEqual({ uploads: [], unreadable: [] });
  });
});

describe('the address that stays', () => {
  async function opening(changes: Partial<Upload> = {}) {
    const { ledger, upload } = await setup({ readers: 'anyone', servedType: 'image/jpeg', ...changes });
    const signed: AddressRequest[] = [];
    const sign = async (request: AddressRequest) => {
      signed.push(request);
      return { url: 'https://store/', expiresAt: new Date(9_000) };
    };
    const open = (id: string, ...names: readonly string[]) =>
      openFile({ ledger, policies, sign, now: () => 5_000 }, { id, names }, {}).then(
        ({ url }) => url,
        (error: { code: string }) => error.code,
      );
    return { upload, signed, open };
  }

  test.each(STATES.flatMap((state) => READERS.map((readers) => [state, readers] as const)))(
    'of an upload that is %s, read by %s, leads somewhere only if it is accepted and anyone’s',
    async (state, readers) => {
      const { open, upload, signed } = await opening({ state, readers });
      const isOpen = state === 'accepted' && readers === 'anyone';
      expect(await open(upload.id, 'photo.jpg')).toBe(isOpen ? 'https://store/' : 'upload_not_found');
      expect(signed).toHaveLength(isOpen ? 1 : 0);
    },
  );

  test.each([
    ['holiday.jpg', 'holiday.jpg', true],
    ['holiday', 'holiday.jpg', true],
    ['holiday', 'holiday', false],
    ['holiday.jpg', 'holiday.exe', false],
    ['holiday.jpg', 'HOLIDAY.JPG', false],
    ['holiday.jpg', '', false],
    ['Café.jpg', 'Cafe\u0301.jpg', true],
  ])(
    'of a file called %j is under the name that it is served under: %j is %s',
    async (filename, name, is) => {
      const { open, upload } = await opening({ filename });
      expect(await open(upload.id, name)).toBe(is ? 'https://store/' : 'upload_not_found');
    },
  );

  test('is found in either way in which its name may be written', async () => {
    const { open, upload } = await opening({ filename: '100%25.jpg' });
    expect(await open(upload.id, '100%2525.jpg', '100%25.jpg')).toBe('https://store/');
  });

  test.each(['00000000-0000-4000-8000-000000000000', '../../etc/passwd', ''])(
    'of the id %j leads nowhere',
    async (id) => {
      const { open } = await opening();
      expect(await open(id, 'photo.jpg')).toBe('upload_not_found');
    },
  );
});
