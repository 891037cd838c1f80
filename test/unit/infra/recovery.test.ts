import { describe, expect, test } from 'vitest';
import {
  CannotRestore,
  recover,
  restoreBeside,
  type Stage,
  type TableSettings,
} from '../../../infra/recovery/recover.ts';
import { type Crash, crashing } from '../../fakes/crashing.ts';

const TABLES = ['LedgerTable', 'GrantsTable', 'EventTable'].map((logicalId) => ({
  logicalId,
  name: `sluice-test-${logicalId}`,
}));
const [LEDGER = '', GRANTS = ''] = TABLES.map(({ name }) => name);

type Table = { activeAt: number; stream: number; mended: string[] };

/** A stage whose tables take a while to be restored; changes of the first stream are published. */
function setup({
  missing = [] as readonly string[],
  backups = missing as readonly string[],
  refreshes = true,
  status = 'UPDATE_COMPLETE',
} = {}) {
  let now = 1_000_000;
  let streams = 1;
  const lines: string[] = [];
  const restored: string[] = [];
  const tables = new Map<string, Table>();
  const whole = ['stream', 'protected', 'ttl', 'recoverable', 'tagged'];
  for (const { name } of TABLES) {
    if (!missing.includes(name)) tables.set(name, { activeAt: 0, stream: 1, mended: [...whole] });
  }
  const stack = { status, until: 0 };
  let reads = 1;
  const published: number[] = [];
  const make = (name: string) => {
    if (tables.has(name)) throw new Error(`${name} exists`);
    tables.set(name, { activeAt: now + 120_000, stream: 0, mended: [] });
    restored.push(name);
  };
  const stage: Stage = {
    async readStatus() {
      if (stack.until > 0 && now >= stack.until) {
        Object.assign(stack, { status: 'UPDATE_COMPLETE', until: 0 });
        if (refreshes) reads = tables.get(LEDGER)?.stream ?? 0;
      }
      return stack.status;
    },
    readTables: async () => TABLES,
    readSettings: async () => ({ isProtected: true, hasStream: true, tags: {} }) satisfies TableSettings,
    async readTable(name) {
      const table = tables.get(name);
      return table && (now >= table.activeAt ? 'ACTIVE' : 'CREATING');
    },
    findBackup: async (name) =>
      backups.includes(name) ? { arn: `backup of ${name}`, madeAt: 999_000 } : undefined,
    async restore(name, backup) {
      if (backup === '') throw new Error('no backup');
      make(name);
    },
    restoreAt: async (_name, target) => make(target),
    async mend(name) {
      const table = tables.get(name);
      if (table === undefined || now < table.activeAt) throw new Error(`${name} is not there yet`);
      const next = whole.find((what) => !table.mended.includes(what));
      if (next === undefined) return undefined;
      table.mended.push(next);
      if (next === 'stream') table.stream = streams += 1;
      return next;
    },
    isPublishing: async () => reads === tables.get(LEDGER)?.stream,
    async refreshStream() {
      Object.assign(stack, { status: 'UPDATE_IN_PROGRESS', until: now + 30_000 });
    },
    async attachStream() {
      reads = tables.get(LEDGER)?.stream ?? 0;
    },
    async publishSinceBackup() {
      // What is written before the stream is there is in no stream, and has to be found after that.
      if ((tables.get(LEDGER)?.stream ?? 0) === 0) throw new Error('too early');
      published.push(now);
      return 2;
    },
  };
  const around = {
    report: (line: string) => void lines.push(line),
    pause: async (ms: number) => {
      now += ms;
    },
    now: () => now,
  };
  const on = (crash?: Crash) => ({ ...around, stage: crashing({ stage }, crash).ports.stage });
  return {
    on,
    run: (options: Parameters<typeof recover>[1] = {}, crash?: Crash) => recover(on(crash), options),
    tables,
    lines,
    restored,
    published,
    isPublishing: stage.isPublishing,
    isWhole: () => TABLES.every(({ name }) => tables.get(name)?.mended.length === whole.length),
  };
}

describe('tables that were deleted', () => {
  test('come back under their names, with all that no backup has, and changes are published again', async () => {
    const world = setup({ missing: [LEDGER, GRANTS] });
    expect(await world.run()).toBe(2);
    expect(world.restored).toEqual([LEDGER, GRANTS]);
    expect(world.isWhole()).toBe(true);
    expect(await world.isPublishing()).toBe(true);
    expect(world.published).toHaveLength(1);
    expect(world.lines.join('\n')).toContain('2 uploads ended since the backup');
  });

  test('get their stream by hand where CloudFormation does not see it', async () => {
    const world = setup({ missing: [LEDGER], refreshes: false });
    await world.run();
    expect(await world.isPublishing()).toBe(true);
    expect(world.lines.join('\n')).toContain('without it');
  });

  test('are not restored twice, nor are others touched, and a second run has nothing to do', async () => {
    const world = setup({ missing: [GRANTS] });
    await world.run();
    expect(await world.run()).toBe(0);
    expect(world.restored).toEqual([GRANTS]);
    expect(world.published).toEqual([]);
  });

  test('come back though the command is killed at any call, and run again', async () => {
    const whole = setup({ missing: [LEDGER] });
    const counted = crashing({ stage: whole.on().stage });
    await recover({ ...whole.on(), stage: counted.ports.stage });
    expect(counted.calls()).toBeGreaterThan(30);
    for (let call = 1; call <= counted.calls(); call += 1) {
      for (const when of ['before', 'after'] as const) {
        const world = setup({ missing: [LEDGER] });
        await expect(world.run({}, { call, when })).rejects.toThrow('killed');
        // It is run again once CloudFormation is done.
        await world.on().pause(60_000);
        await world.run();
        const how = `killed ${when} call ${call}`;
        expect(world.isWhole(), how).toBe(true);
        expect(await world.isPublishing(), how).toBe(true);
        expect(world.published.length, how).toBeGreaterThan(0);
        expect(world.restored, how).toEqual([LEDGER]);
      }
    }
  });

  test('stay away in a dry run, which says what there is', async () => {
    const world = setup({ missing: [LEDGER] });
    expect(await world.run({ isDryRun: true })).toBe(1);
    expect(world.restored).toEqual([]);
    expect(world.lines.join('\n')).toContain('there is a backup of 1970-01-01T00:16:39.000Z');
  });

  test('are refused before anything is done where one has no backup', async () => {
    const world = setup({ missing: [LEDGER, GRANTS], backups: [LEDGER] });
    await expect(world.run()).rejects.toThrow(`There is no backup ${GRANTS}$DeletedTableBackup`);
    expect(world.restored).toEqual([]);
  });

  test('come back from a backup that is named, if it is one', async () => {
    const world = setup({ missing: [GRANTS], backups: [] });
    expect(await world.run({ backup: 'arn' })).toBe(1);
    await expect(setup({ missing: [LEDGER, GRANTS] }).run({ backup: 'arn' })).rejects.toThrow(
      '2 tables are missing',
    );
    await expect(setup().run({ backup: 'arn' })).rejects.toThrow('0 tables are missing');
  });

  test('are left alone while the stack is being changed', async () => {
    const world = setup({ missing: [LEDGER], status: 'UPDATE_IN_PROGRESS' });
    await expect(world.run()).rejects.toThrow(CannotRestore);
    expect(world.restored).toEqual([]);
  });
});

describe('a table as it was at a time', () => {
  test('is restored beside the one that is there, once', async () => {
    const world = setup();
    await restoreBeside(world.on(), { target: 'restored', isDryRun: true });
    expect(world.restored).toEqual([]);
    await restoreBeside(world.on(), { target: 'restored', at: new Date(5) });
    await restoreBeside(world.on(), { target: 'restored' });
    expect(world.restored).toEqual(['restored']);
    expect(world.tables.get(LEDGER)?.activeAt).toBe(0);
  });

  test('cannot be had of one that is gone', async () => {
    const world = setup({ missing: [LEDGER] });
    await expect(restoreBeside(world.on(), { target: 'restored' })).rejects.toThrow('leave --at out');
  });
});
