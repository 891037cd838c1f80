import { S3Client } from '@aws-sdk/client-s3';
import type { AdminPage } from '@sluice/contract/admin';
import { describe, expect, test } from 'vitest';
import { adoptTasks, isBatchEvent } from '../../../src/lib/admin/batch-operations.ts';
import { createAdoptionSource } from '../../../src/lib/aws/adoption-source.ts';
import { type Crash, Killed } from '../../fakes/crashing.ts';
import { createAdminWorld } from './world.ts';

const CALL = {
  command: 'adopt',
  bucket: 'old-files',
  prefix: 'sizes/',
  policy: 'data',
  tenant: 'acme',
  subject: 'ada',
} as const;
const CSV = Buffer.from('a,b\n1,2\n');

async function setup(crash?: Crash) {
  const world = await createAdminWorld([], { ...(crash && { crash }) });
  world.elsewhere.set('sizes/good.csv', CSV);
  world.elsewhere.set('sizes/page.csv', Buffer.from('<html><script>1</script>'));
  world.elsewhere.set('sizes/run.exe', CSV);
  world.elsewhere.set('other/else.csv', CSV);
  const states = () =>
    [...world.ledger.rows.values()].map(({ upload }) => [upload.filename, upload.state]).toSorted();
  return { ...world, states };
}

test('brings objects in through verification, which accepts and rejects, and refuses what no policy takes', async () => {
  const { ask, states, verifyAll, objects, ledger } = await setup();
  const page = (await ask(CALL)) as AdminPage;
  expect(page.counts).toEqual({ adopted: 2, refused: 1 });
  expect(page.items.find(({ outcome }) => outcome === 'refused')?.id).toBe('sizes/run.exe');
  expect(objects.places.store.size).toBe(0);
  await verifyAll();
  expect(states()).toEqual([
    ['good.csv', 'accepted'],
    ['page.csv', 'rejected'],
  ]);
  const [{ upload } = { upload: undefined }] = [...ledger.rows.values()];
  expect(upload).toMatchObject({ tenant: 'acme', subject: 'ada', policy: 'data' });
});

test('a repeat finds what was adopted before, and takes an object that was overwritten for another', async () => {
  const { ask, verifyAll, elsewhere, ledger } = await setup();
  await ask(CALL);
  await verifyAll();
  expect(((await ask(CALL)) as AdminPage).counts).toEqual({ 'adopted before': 2, refused: 1 });
  expect(ledger.rows.size).toBe(2);
  elsewhere.set('sizes/good.csv', Buffer.from('a,b\n3,4\n'));
  expect(((await ask(CALL)) as AdminPage).counts).toMatchObject({ adopted: 1, 'adopted before': 1 });
});

test('counts and brings in nothing in a dry run, and lists the keys for a manifest', async () => {
  const { ask, ledger, objects } = await setup();
  expect(((await ask({ ...CALL, dryRun: true })) as AdminPage).counts).toEqual({ adopted: 2, refused: 1 });
  const list = (await ask({ ...CALL, isList: true })) as AdminPage;
  expect(list.items.map(({ id }) => id).toSorted()).toEqual([
    'sizes/good.csv',
    'sizes/page.csv',
    'sizes/run.exe',
  ]);
  expect([ledger.rows.size, objects.places.incoming.size]).toEqual([0, 0]);
});

test('goes through 120 objects a page at a time', async () => {
  const { askAll, elsewhere } = await setup();
  for (let n = 0; n < 117; n += 1) elsewhere.set(`sizes/${String(n).padStart(3, '0')}.csv`, CSV);
  expect((await askAll(CALL)).counts).toEqual({ adopted: 119, refused: 1 });
});

test('refuses everything for an owner who is blocked', async () => {
  const { ask } = await setup();
  await ask({ command: 'block', tenant: 'acme' });
  expect(((await ask(CALL)) as AdminPage).counts).toEqual({ refused: 3 });
});

test('killed at any call and begun again, adopts each object once', async () => {
  for (let call = 1, isDone = false; !isDone; call += 1) {
    const world = await setup({ call, when: call % 2 === 0 ? 'before' : 'after' });
    await world.ask(CALL).catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
    });
    isDone = world.calls() < call;
    const next = await setup();
    for (const [id, row] of world.ledger.rows) next.ledger.rows.set(id, row);
    for (const [key, object] of world.objects.places.incoming) next.objects.places.incoming.set(key, object);
    await next.ask(CALL);
    await next.verifyAll();
    expect(next.states(), `killed at call ${call}`).toEqual([
      ['good.csv', 'accepted'],
      ['page.csv', 'rejected'],
    ]);
  }
});

describe('a job of S3 Batch Operations', () => {
  const event = (keys: readonly string[]) => ({
    invocationSchemaVersion: '2.0',
    invocationId: 'i1',
    job: { id: 'j1', userArguments: { policy: 'data', tenant: 'acme', subject: 'ada' } },
    tasks: keys.map((s3Key, n) => ({ taskId: `t${n}`, s3Key, s3Bucket: 'old-files' })),
  });

  test('has each of its tasks adopted, and hears what became of it', async () => {
    const { deps, elsewhere, ledger } = await setup();
    elsewhere.set('sizes/a b+c.csv', CSV);
    const signal = () => new AbortController().signal;
    const job = event(['sizes/good.csv', 'sizes/a+b%2Bc.csv', 'sizes/run.exe', 'sizes/none.csv']);
    expect(isBatchEvent(job)).toBe(true);
    const { results, ...rest } = await adoptTasks({ ...deps, signal }, job);
    expect(rest).toEqual({
      invocationSchemaVersion: '2.0',
      treatMissingKeysAs: 'PermanentFailure',
      invocationId: 'i1',
    });
    expect(results.map(({ taskId, resultCode }) => [taskId, resultCode])).toEqual([
      ['t0', 'Succeeded'],
      ['t1', 'Succeeded'],
      ['t2', 'PermanentFailure'],
      ['t3', 'PermanentFailure'],
    ]);
    expect(ledger.rows.size).toBe(2);
  });

  test('is not told to come again where the function may not read, but what to set', async () => {
    const { deps, ledger } = await setup();
    const s3 = new S3Client({ region: 'eu-central-1' });
    s3.send = () => Promise.reject(Object.assign(new Error('403'), { $metadata: { httpStatusCode: 403 } }));
    const signal = () => new AbortController().signal;
    const forbidden = { ...deps, signal, source: createAdoptionSource(s3) };
    const { results } = await adoptTasks(forbidden, event(['sizes/good.csv']));
    expect(results).toMatchObject([
      { resultCode: 'PermanentFailure', resultString: expect.stringContaining('adoptFrom') },
    ]);
    expect(ledger.rows.size).toBe(0);
  });

  test('is told to come again where a store fails, and refused without its arguments', async () => {
    const { deps } = await setup();
    const signal = () => new AbortController().signal;
    const away = {
      ...deps,
      signal,
      buckets: { ...deps.buckets, bringIn: async () => Promise.reject(new Error('S3')) },
    };
    const { results } = await adoptTasks(away, event(['sizes/good.csv']));
    expect(results).toMatchObject([{ resultCode: 'TemporaryFailure' }]);
    await expect(adoptTasks({ ...deps, signal }, { ...event([]), job: { id: 'j' } })).rejects.toThrow('2.0');
  });
});
