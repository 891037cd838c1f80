import type { AdminPage } from '@sluice/contract/admin';
import { describe, expect, test } from 'vitest';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createAdminWorld, NOW } from './world.ts';

describe('rows of a backup', () => {
  async function setup() {
    const accepted = aRequest({ state: 'accepted' });
    const open = aRequest({ dueAt: NOW - 1 });
    const newer = { id: 'from-the-future', item: { id: 'from-the-future' } };
    const there = aRequest({ state: 'deleted' });
    const old = { ...there, state: 'accepted' } as const;
    const backup = [accepted, open, old].map((upload) => ({ id: upload.id, upload, item: upload }));
    const world = await createAdminWorld([there], { backup: [...backup, newer] });
    return { ...world, accepted, open, newer, there };
  }

  test('come back where they are missing; those without a verdict are due at once', async () => {
    const { ask, ledger, accepted, open, newer, there } = await setup();
    const page = (await ask({ command: 'restore', table: 'sluice-prod-restored' })) as AdminPage;
    expect(page.counts).toEqual({ restored: 1, 'restored and due': 1, 'restored unread': 1, there: 1 });
    expect(ledger.rows.get(accepted.id)?.upload).toEqual(accepted);
    expect(ledger.rows.get(open.id)?.upload).toEqual({ ...open, dueAt: NOW });
    expect(ledger.rows.has(newer.id)).toBe(true);
    expect(ledger.rows.get(there.id)?.upload.state).toBe('deleted');
  });

  test('are counted, and stay where they are, in a dry run', async () => {
    const { ask, ledger } = await setup();
    const page = (await ask({
      command: 'restore',
      table: 'sluice-prod-restored',
      dryRun: true,
    })) as AdminPage;
    expect(page.counts).toEqual({ restored: 1, 'restored and due': 1, 'restored unread': 1, there: 1 });
    expect(ledger.rows.size).toBe(1);
  });

  test('come back once, however often they are asked for', async () => {
    const { ask, ledger } = await setup();
    const call = { command: 'restore', table: 'sluice-prod-restored' } as const;
    await ask(call);
    const before = structuredClone([...ledger.rows]);
    expect(((await ask(call)) as AdminPage).counts).toEqual({ there: 4 });
    expect([...ledger.rows]).toEqual(before);
  });
});

describe('an export', () => {
  test('brings the rows of an owner, with an address for each file, a page for each call', async () => {
    const mine = Array.from({ length: 60 }, (_, n) =>
      aRequest({ createdAt: n, ...(n % 2 === 0 && { state: 'accepted' as const }) }),
    );
    const { ask, askAll } = await createAdminWorld([...mine, aRequest({ subject: 'bob' })]);
    const call = { command: 'export', tenant: 'acme', subject: 'ada' } as const;
    const first = (await ask(call)) as AdminPage;
    expect(first.items).toHaveLength(50);
    expect(first.cursor).toBeDefined();
    const page = await askAll(call);
    expect(page.counts).toEqual({ files: 30, rows: 30 });
    const accepted = page.items.filter(({ url }) => url !== undefined);
    expect(accepted).toHaveLength(30);
    expect(accepted[0]?.url).toBe(`https://store.example/${accepted[0]?.row?.key}`);
    expect(new Set(page.items.map(({ id }) => id))).toEqual(new Set(mine.map(({ id }) => id)));
  });
});
