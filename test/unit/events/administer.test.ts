// What an operator sends, through the function that it is for.
import { afterEach, expect, test, vi } from 'vitest';
import { createHandler } from '../../../src/handlers/administer.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { captureLog } from '../../fakes/log-lines.ts';
import { createAdminWorld } from '../admin/world.ts';
import { context, ID, OWNER, readEvent, variantsOf } from './world.ts';

afterEach(() => void vi.restoreAllMocks());

const OPERATOR = 'arn:aws:sts::123456789012:assumed-role/night/ada';

const CASES: Readonly<Record<string, { readonly answer: unknown; readonly line: object }>> = {
  show: {
    answer: { id: ID, state: 'requested', objects: [], advice: expect.any(Array) },
    line: { level: 'INFO', message: 'admin command', command: 'show', id: ID, operator: OPERATOR },
  },
  'announce-dry-run': {
    answer: { counts: {}, items: [] },
    line: {
      level: 'INFO',
      message: 'admin command',
      command: 'announce',
      dryRun: true,
      operator: OPERATOR,
      counts: {},
      isFirstPage: true,
    },
  },
  'reconcile-report': {
    answer: { counts: { 'in order': 2 }, items: [] },
    // How many, and not which: a call has thousands.
    line: { message: 'admin command', report: { kind: 'objects', bucket: 'quarantine', objects: 2 } },
  },
  'batch-operations': {
    answer: {
      invocationSchemaVersion: '2.0',
      invocationId: 'AAAAAAAAAAGCdDqK',
      results: [{ taskId: 'VGFza0lkR29lc0hlcmU', resultCode: 'PermanentFailure', resultString: 'gone: ' }],
    },
    line: { level: 'INFO', message: 'admin batch adopted', jobId: '7d3f1c2a-9b4e-4f60-8a1d-2c5e6f7a8b9c' },
  },
  malformed: {
    answer: { error: { code: 'call_invalid', message: expect.stringContaining('Invalid type') } },
    line: { level: 'WARN', message: 'admin command failed' },
  },
};

async function setup() {
  const lines = captureLog();
  const { deps } = await createAdminWorld([aRequest({ id: ID, tenant: OWNER })]);
  return { lines, deps, administer: createHandler(deps) };
}

test('has a case for each event of its own', () => {
  expect(Object.keys(CASES).toSorted()).toEqual(variantsOf('administer').toSorted());
});

test.each(Object.entries(CASES))('answers %s, and logs one line of it', async (variant, { answer, line }) => {
  const { lines, administer } = await setup();
  expect(await administer(readEvent(`administer.${variant}.json`), context)).toMatchObject(Object(answer));
  expect(lines).toEqual([expect.objectContaining(line)]);
});

test('names the first ten of many ids in its line, and how many there are', async () => {
  const { lines, administer } = await setup();
  const ids = Array.from({ length: 12 }, (_, n) => `id-${n}`);
  await administer({ schema: 1, command: 'announce', ids }, context);
  expect(lines).toEqual([expect.objectContaining({ ids: ids.slice(0, 10), idCount: 12 })]);
});

test('fails as a function where a store fails, and logs that', async () => {
  const { lines, deps } = await setup();
  const away = { ...deps.buckets, list: async () => Promise.reject(new Error('S3 is away')) };
  const administer = createHandler({ ...deps, buckets: away });
  await expect(administer({ schema: 1, command: 'announce', stuckForSeconds: 1 }, context)).rejects.toThrow(
    'S3 is away',
  );
  expect(lines).toEqual([expect.objectContaining({ message: 'admin command failed' })]);
});

test('begins no other step this close to its deadline', async () => {
  const { deps } = await setup();
  for (let n = 0; n < 150; n += 1) deps.objects.put(`k${String(n).padStart(3, '0')}`, 'abc');
  const soon = { ...context, getRemainingTimeInMillis: () => 5_000 };
  const call = { schema: 1, command: 'announce', stuckForSeconds: 0 };
  const page = await createHandler(deps)(call, soon);
  expect(page).toMatchObject({ counts: { announced: 100 }, cursor: 'k099' });
});
