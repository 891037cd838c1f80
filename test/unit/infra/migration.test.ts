import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { CannotMigrate, migrate, type StackState, type Stage } from '../../../infra/migration/migrate.ts';
import { describeMove, indexesAt, LAST_STEP } from '../../../infra/migration/steps.ts';
import { INDEXES, INDEXES_OF_0_1_0 } from '../../../src/lib/aws/ledger-indexes.ts';
import { type Crash, crashing } from '../../fakes/crashing.ts';

const SETTLE_MS = 90_000;

type Index = { state: 'making' | 'filling' | 'active' | 'removing'; until: number };

/** A stage whose CloudFormation and DynamoDB take their time, as AWS's do. */
function setup({
  step = 0,
  status = 'UPDATE_COMPLETE',
  refuses = -1,
  knows = true,
  due = [] as readonly string[],
  waiting = 0,
} = {}) {
  const takenOff: string[] = [];
  let now = 0;
  const lines: string[] = [];
  const stack = { status, step, until: 0, next: step };
  const indexes = new Map<string, Index>();
  for (const name of indexesAt(step)) indexes.set(name, { state: 'active', until: 0 });
  const begun: number[] = [];
  /** the indexes that functions read, and since when */
  let reads = { set: step >= 5 ? 'new' : 'old', since: Number.NEGATIVE_INFINITY };
  const removedWhileRead: string[] = [];

  const make = (name: string) => indexes.set(name, { state: 'making', until: now + 10_000 });
  const remove = (name: string) => {
    const old: readonly string[] = Object.values(INDEXES_OF_0_1_0);
    const isRead = old.includes(name) ? reads.set === 'old' : reads.set === 'new';
    if (isRead || now - reads.since < SETTLE_MS) removedWhileRead.push(name);
    indexes.set(name, { state: 'removing', until: now + 10_000 });
  };
  const pass = () => {
    for (const [name, index] of indexes) {
      if (now < index.until || index.state === 'active') continue;
      if (index.state === 'removing') indexes.delete(name);
      else if (index.state === 'making') indexes.set(name, { state: 'filling', until: now + 600_000 });
      else indexes.set(name, { state: 'active', until: 0 });
    }
    if (stack.status === 'UPDATE_IN_PROGRESS' && now >= stack.until) {
      const isRefused = stack.next === refuses;
      stack.status = isRefused ? 'UPDATE_ROLLBACK_COMPLETE' : 'UPDATE_COMPLETE';
      if (isRefused) return;
      stack.step = stack.next;
      const set = stack.step >= 5 ? 'new' : 'old';
      if (set !== reads.set) reads = { set, since: now };
    }
  };
  const stage: Stage = {
    async readStack(): Promise<StackState> {
      pass();
      return { status: stack.status, step: knows ? stack.step : undefined };
    },
    async update(next) {
      if (stack.status.endsWith('_IN_PROGRESS')) throw new Error('the stack is being updated');
      if (Math.abs(next - stack.step) !== 1) throw new Error('more than one index in one update');
      const busy = [...indexes.values()].some(({ state }) => state !== 'active');
      if (busy) throw new Error('the table is being changed');
      const [before, after] = [indexesAt(stack.step), indexesAt(next)];
      for (const name of after.filter((made) => !before.includes(made))) {
        if (indexes.has(name)) throw new Error('the index is there already');
        make(name);
      }
      for (const name of before.filter((gone) => !after.includes(gone))) remove(name);
      Object.assign(stack, { status: 'UPDATE_IN_PROGRESS', until: now + 30_000, next });
      begun.push(next);
    },
    async readIndexes() {
      pass();
      return new Map(
        [...indexes].map(([name, { state }]) => [
          name,
          { isActive: state === 'active', isBackfilling: state === 'filling' },
        ]),
      );
    },
    async removeIndex(name) {
      indexes.set(name, { state: 'removing', until: now + 10_000 });
    },
    findMisread: async () => ({ due: due.filter((id) => !takenOff.includes(id)), waiting }),
    takeOffDue: async (ids) => void takenOff.push(...ids),
  };
  const run = (options: Parameters<typeof migrate>[1] = {}, crash?: Crash) =>
    migrate(
      {
        stage: crashing({ stage }, crash).ports.stage,
        report: (line) => lines.push(line),
        pause: async (ms) => {
          now += ms;
        },
        now: () => now,
        settleMs: SETTLE_MS,
      },
      options,
    );
  return { run, stack, indexes, begun, lines, removedWhileRead, takenOff };
}

describe('the migration of the table', () => {
  test('goes through every step, each once it can, and no index that is read is removed', async () => {
    const { run, begun, indexes, removedWhileRead } = setup();
    expect(await run()).toBe(LAST_STEP);
    expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect([...indexes.keys()].toSorted()).toEqual(Object.values(INDEXES).toSorted());
    expect(removedWhileRead).toEqual([]);
  });

  test('goes back the same way', async () => {
    const { run, begun, indexes, removedWhileRead } = setup({ step: LAST_STEP });
    expect(await run({ isBack: true })).toBe(LAST_STEP);
    expect(begun).toEqual([6, 5, 4, 3, 2, 1, 0]);
    expect([...indexes.keys()].toSorted()).toEqual(Object.values(INDEXES_OF_0_1_0).toSorted());
    expect(removedWhileRead).toEqual([]);
  });

  test('takes accepted uploads off what is due before it goes back, since 0.1.0 would remove their files', async () => {
    const { run, takenOff, begun, lines } = setup({ step: LAST_STEP, due: ['a', 'b'] });
    await run({ isBack: true, isDryRun: true });
    expect(takenOff).toEqual([]);
    await run({ isBack: true });
    expect(takenOff).toEqual(['a', 'b']);
    expect(begun).toHaveLength(LAST_STEP);
    expect(lines).toContainEqual(expect.stringContaining('2 accepted uploads are due'));
  });

  test('does so once more when 0.1.0 is deployed again, and nothing else', async () => {
    const { run, takenOff, begun } = setup({ knows: false, due: ['late'] });
    expect(await run({ isBack: true })).toBe(0);
    expect(takenOff).toEqual(['late']);
    expect(begun).toEqual([]);
  });

  test('does not go back while uploads wait for scanners, whose files 0.1.0 would remove', async () => {
    const { run, begun, takenOff } = setup({ step: LAST_STEP, due: ['a'], waiting: 3 });
    await expect(run({ isBack: true })).rejects.toThrow('3 uploads wait for scanners or are held');
    expect(begun).toEqual([]);
    expect(takenOff).toEqual([]);
  });

  test('does nothing once it is done', async () => {
    const { run, begun } = setup({ step: LAST_STEP });
    expect(await run()).toBe(0);
    expect(begun).toEqual([]);
  });

  test('says what it would do, and does nothing', async () => {
    const { run, begun, lines } = setup({ step: 3 });
    expect(await run({ isDryRun: true })).toBe(4);
    expect(begun).toEqual([]);
    expect(lines).toEqual([
      'The table is at step 3 of 7: by-owner, by-due, by-owner-keys, by-due-keys, by-tenant.',
      'Step 4 would be: the index by-reference is made.',
      'Step 5 would be: the functions read the new indexes.',
      'Step 6 would be: the index by-owner is removed.',
      'Step 7 would be: the index by-due is removed.',
    ]);
  });

  test('shows that it goes on while an index is filled', async () => {
    const { run, lines } = setup();
    await run();
    expect(lines).toContainEqual(expect.stringMatching(/the index by-due-keys is being filled \(\d+ s\)$/));
  });

  test.each(['before', 'after'] as const)(
    'comes to its end wherever it is killed, %s a call, once it is run again',
    async (when) => {
      let isKilled = true;
      for (let call = 1; isKilled; call += 1) {
        const { run, indexes, removedWhileRead } = setup();
        isKilled = await run({}, { call, when }).then(
          () => false,
          () => true,
        );
        await run();
        expect([...indexes.keys()].toSorted(), `killed ${when} call ${call}`).toEqual(
          Object.values(INDEXES).toSorted(),
        );
        expect(removedWhileRead).toEqual([]);
        if (call > 5_000) throw new Error('it makes too many calls');
      }
    },
  );

  test('may be turned round in the middle', async () => {
    const { run, indexes } = setup();
    await expect(run({}, { call: 40, when: 'after' })).rejects.toThrow('killed');
    await run({ isBack: true });
    expect([...indexes.keys()].toSorted()).toEqual(Object.values(INDEXES_OF_0_1_0).toSorted());
  });

  test('stops where CloudFormation takes an update back, and removes what that has left before it tries again', async () => {
    const { run, stack, begun } = setup({ refuses: 2 });
    await expect(run()).rejects.toThrow(CannotMigrate);
    expect(stack.step).toBe(1);
    // The index is still being filled, and the stack does not know of it.
    await expect(run()).rejects.toThrow('did not take step 2');
    expect(begun).toEqual([1, 2, 2]);
  });

  test.each([
    ['knows no migration', { knows: false }, 'ledgerMigration: 0'],
    ['cannot be changed', { status: 'UPDATE_ROLLBACK_FAILED' }, 'UPDATE_ROLLBACK_FAILED'],
  ])('is refused of a stack that %s', async (_how, state, says) => {
    const { run, begun } = setup(state);
    await expect(run()).rejects.toThrow(says);
    expect(begun).toEqual([]);
  });

  test('is refused of a table that lacks an index which the stack has', async () => {
    const { run, indexes } = setup({ step: 2 });
    indexes.delete(INDEXES.owner);
    await expect(run()).rejects.toThrow('The table has no index by-owner-keys');
  });
});

describe('the steps', () => {
  test('each name what is done', () => {
    for (let step = 0; step < LAST_STEP; step += 1) {
      expect(describeMove(step, step + 1)).not.toBe(describeMove(step + 1, step));
    }
    expect(() => describeMove(LAST_STEP, LAST_STEP + 1)).toThrow(RangeError);
  });

  test('change one index each', () => {
    for (let step = 0; step < LAST_STEP; step += 1) {
      const [before, after] = [new Set(indexesAt(step)), new Set(indexesAt(step + 1))];
      expect(before.symmetricDifference(after).size).toBeLessThanOrEqual(1);
    }
  });

  test('are those of infra/ledger.yml', () => {
    for (let step = 0; step <= LAST_STEP; step += 1) {
      expect(indexesInTemplate(step).toSorted(), `step ${step}`).toEqual(indexesAt(step).toSorted());
    }
  });
});

type Tagged = { readonly tag: string; readonly items: readonly unknown[] };

const template = parse(readFileSync('infra/ledger.yml', 'utf8'), {
  logLevel: 'silent',
  customTags: [
    ...['!Equals', '!Not', '!And', '!Or', '!If'].map((tag) => ({
      tag,
      collection: 'seq' as const,
      resolve: (items: { toJSON(): unknown[] }) => ({ tag, items: items.toJSON() }),
    })),
    ...['!Ref', '!Condition'].map((tag) => ({ tag, resolve: (name: string) => ({ tag, items: [name] }) })),
  ],
}) as {
  readonly Conditions: Readonly<Record<string, Tagged>>;
  readonly Resources: {
    readonly LedgerTable: { readonly Properties: { readonly GlobalSecondaryIndexes: readonly Tagged[] } };
  };
};

/** The indexes that CloudFormation makes of the template at a step. */
function indexesInTemplate(step: number): string[] {
  const evaluate = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || !('tag' in value)) return value;
    const { tag, items } = value as Tagged;
    const [first, ...others] = items;
    switch (tag) {
      case '!Ref':
        return first === 'LedgerMigration' ? String(step) : undefined;
      case '!Condition':
        return evaluate(template.Conditions[String(first)]);
      case '!Equals':
        return evaluate(first) === evaluate(others[0]);
      case '!Not':
        return !evaluate(first);
      case '!And':
        return items.every(evaluate);
      case '!Or':
        return items.some(evaluate);
      case '!If':
        return evaluate({ tag: '!Condition', items: [first] }) ? others[0] : evaluate(others[1]);
      default:
        throw new Error(`${tag} is not known here`);
    }
  };
  const { GlobalSecondaryIndexes } = template.Resources.LedgerTable.Properties;
  return GlobalSecondaryIndexes.map(evaluate).flatMap((index) =>
    index === undefined ? [] : (index as { readonly IndexName: string }).IndexName,
  );
}
