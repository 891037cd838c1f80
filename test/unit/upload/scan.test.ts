import type { Scanner, ScanRequest, ScanResult } from '@sluice/contract/scan';
import type { Upload } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import {
  freeHeld,
  HELD_LOOK_MS,
  MAX_ATTEMPTS,
  SCAN_PATIENCE_MS,
  takeResult,
} from '../../../src/lib/upload/scan.ts';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { verify } from '../../../src/lib/upload/verify.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';
import { createFakeScanners, INCOMING, scannedBy, toResult } from '../../fakes/scanners.ts';
import { RAISED } from '../../fakes/sweep-report.ts';

const CSV = 'name,size\nphoto,3\n';
const START = 10_000;

async function setup({
  demanded = ['clamav'] as readonly Scanner[],
  configured = ['inspection', 'clamav', 'guardduty', 'function'] as readonly Scanner[],
  isVersioned = true,
} = {}) {
  const ledger = createMemoryLedger();
  const objects = createMemoryObjects({ isVersioned });
  const scanners = createFakeScanners(...configured);
  const announced: string[] = [];
  let now = START;
  let ids = 0;
  const upload = aRequest({ policy: 'data', contentType: 'text/csv', filename: 'a.csv', size: CSV.length });
  await ledger.record(upload);
  const deps = {
    ledger,
    objects,
    multipart: createMemoryMultipart(objects),
    scanners,
    policies: scannedBy(...demanded),
    now: () => now,
    newId: () => `w${++ids}`,
    countArrivals: async () => 0,
    rowRetentionInSeconds: 60,
    announce: async ({ id }: Upload) => void announced.push(id),
  };
  const signal = new AbortController().signal;
  const arrive = (versionId?: string) =>
    verify(deps, { key: upload.key, ...(versionId && { versionId }) }, 1_000, signal);
  const lastAsked = (scanner: Scanner = 'clamav'): ScanRequest => {
    const request = scanners.asked.findLast((asked) => asked.scanner === scanner);
    if (request === undefined) throw new Error(`${scanner} was not asked`);
    return request;
  };
  return {
    deps,
    ledger,
    objects,
    scanners,
    announced,
    upload,
    arrive,
    lastAsked,
    /** the last request of a scanner is answered */
    say: (changes: Partial<ScanResult> = {}, scanner?: Scanner) =>
      takeResult(deps, toResult(lastAsked(scanner), changes)),
    sweepAt: (at: number) => {
      now = at;
      return sweep(deps, signal, RAISED);
    },
    pass: (ms: number) => {
      now += ms;
    },
    row: () => ledger.rows.get(upload.id)?.upload,
    places: () =>
      (['incoming', 'store', 'quarantine'] as const).filter((place) => objects.places[place].has(upload.key)),
  };
}

/** A file that has arrived, passed every check, and waits for its scanners. */
async function scanning(options: Parameters<typeof setup>[0] = {}) {
  const world = await setup(options);
  const versionId = world.objects.put(world.upload.key, CSV);
  const outcome = await world.arrive(versionId);
  return { ...world, outcome, versionId };
}

describe('a file whose policy demands scanners', () => {
  test('waits for them once it has passed every check: its row says of which version', async () => {
    const { outcome, row, scanners, upload, versionId, places } = await scanning({
      demanded: ['clamav', 'guardduty'],
    });
    expect(outcome.kind).toBe('scanning');
    expect(row()).toMatchObject({
      state: 'scanning',
      versionId,
      scans: {},
      evidence: { versionId, size: CSV.length, detectedType: 'text/csv' },
      dueAt: START + SCAN_PATIENCE_MS,
    });
    const of = {
      schema: 1,
      uploadId: upload.id,
      bucket: INCOMING,
      key: upload.key,
      versionId,
      etag: row()?.evidence?.etag,
      size: CSV.length,
      contentType: 'text/csv',
      filename: 'a.csv',
      policy: 'data',
      attempt: 1,
      correlationId: upload.correlationId,
      delaySeconds: 0,
    };
    expect(scanners.asked).toEqual([
      { ...of, scanner: 'clamav' },
      { ...of, scanner: 'guardduty' },
    ]);
    expect(places()).toEqual(['incoming']);
  });

  test('is not sent to any scanner if it is rejected without them', async () => {
    const { objects, upload, arrive, scanners, row } = await setup();
    objects.put(upload.key, `${CSV}x`);
    expect((await arrive()).kind).toBe('rejected');
    expect(row()?.reason).toBe('size_mismatch');
    expect(scanners.asked).toEqual([]);
  });

  test('is announced when all have said something, and only then accepted', async () => {
    const { say, announced, upload, row, arrive, places } = await scanning({
      demanded: ['clamav', 'guardduty'],
    });
    expect((await say()).kind).toBe('recorded');
    expect([announced, row()?.state]).toEqual([[], 'scanning']);
    expect((await say({}, 'guardduty')).kind).toBe('announced');
    expect([announced, row()?.state, places()]).toEqual([[upload.id], 'verifying', ['incoming']]);
    expect((await arrive()).kind).toBe('accepted');
    expect(row()).toMatchObject({
      state: 'accepted',
      scans: { clamav: { outcome: 'clean' }, guardduty: { outcome: 'clean' } },
    });
    expect(places()).toEqual(['store']);
  });

  test('is rejected as infected as soon as one of them finds harm, with what it found', async () => {
    const { say, row, arrive, places } = await scanning({ demanded: ['clamav', 'guardduty'] });
    expect((await say({ outcome: 'infected', threats: ['Eicar'] })).kind).toBe('announced');
    expect((await arrive()).kind).toBe('rejected');
    expect(row()).toMatchObject({
      state: 'rejected',
      reason: 'infected',
      detail: 'Something harmful was found in the file by clamav: Eicar.',
      scans: { clamav: { outcome: 'infected', threats: ['Eicar'] } },
    });
    expect(places()).toEqual(['quarantine']);
  });

  test('is rejected if a scanner cannot look into it, and accepted where the policy says so', async () => {
    for (const [unscannable, state] of [
      ['rejected', 'rejected'],
      ['accepted', 'accepted'],
    ] as const) {
      const world = await scanning();
      await world.say({ outcome: 'unsupported' });
      const data = { ...scannedBy('clamav').data, unscannable } as const;
      await verify(
        { ...world.deps, policies: { data } },
        { key: world.upload.key },
        1_000,
        new AbortController().signal,
      );
      expect(world.row()?.state).toBe(state);
      if (state === 'rejected') expect(world.row()?.reason).toBe('unscannable');
    }
  });

  test('keeps what inspection found, and is rejected for what the policy does not take', async () => {
    const { deps, say, row, upload } = await scanning({ demanded: ['inspection'] });
    await say({ inspection: { macros: true } }, 'inspection');
    const data = { ...scannedBy('inspection').data, inspection: { reject: ['macros'] } } as const;
    await verify({ ...deps, policies: { data } }, { key: upload.key }, 1_000, new AbortController().signal);
    expect(row()).toMatchObject({
      state: 'rejected',
      reason: 'content_refused',
      inspection: { macros: true },
    });
  });

  test('is not accepted by what was said of it before it was overwritten, in a bucket without versions', async () => {
    const { objects, upload, say, arrive, row, scanners, places } = await scanning({ isVersioned: false });
    expect((await say()).kind).toBe('announced');
    objects.put(upload.key, CSV.replace('photo', 'other'));
    expect((await arrive()).kind).toBe('scanning');
    expect(row()?.scans).toEqual({});
    expect(scanners.asked.map(({ attempt }) => attempt)).toEqual([1, 1]);
    expect(scanners.asked[0]?.etag).not.toBe(scanners.asked[1]?.etag);
    expect(places()).toEqual(['incoming']);
  });

  test('is judged by the policy of the day: a scanner that it demands by now is asked, and nobody twice', async () => {
    const { deps, say, row, upload, scanners } = await scanning();
    await say();
    const policies = scannedBy('clamav', 'guardduty');
    const outcome = await verify(
      { ...deps, policies },
      { key: upload.key },
      1_000,
      new AbortController().signal,
    );
    expect(outcome.kind).toBe('scanning');
    expect(scanners.asked.map(({ scanner }) => scanner)).toEqual(['clamav', 'guardduty']);
    expect(row()?.scans).toMatchObject({ clamav: { outcome: 'clean' } });
  });

  test('is rejected when its policy is gone once they have answered', async () => {
    const { deps, say, row, upload } = await scanning();
    await say();
    await verify({ ...deps, policies: {} }, { key: upload.key }, 1_000, new AbortController().signal);
    expect(row()).toMatchObject({ state: 'rejected', reason: 'policy_gone' });
  });

  test('is announced at the first result after its policy has gone: only the verification decides', async () => {
    const { deps, lastAsked, announced } = await scanning({ demanded: ['clamav', 'guardduty'] });
    const taken = await takeResult({ ...deps, policies: {} }, toResult(lastAsked()));
    expect([taken.kind, announced.length]).toEqual(['announced', 1]);
  });
});

describe('a result', () => {
  test.each([
    ['of another version', { versionId: 'v9' }],
    ['of an object without a version', { versionId: undefined }],
    ['of other bytes', { etag: 'other' }],
    ['of another key', { key: 'acme/other' }],
  ])('%s changes nothing', async (_what, changes) => {
    const { say, row } = await scanning();
    const before = row();
    expect((await say(changes as Partial<ScanResult>)).kind).toBe('ignored');
    expect(row()).toEqual(before);
  });

  test('of an upload that nobody knows changes nothing', async () => {
    const { deps, lastAsked } = await scanning();
    const uploadId = aRequest().id;
    expect(await takeResult(deps, toResult(lastAsked(), { uploadId }))).toEqual({ kind: 'ignored' });
  });

  test.each(['clean', 'infected', 'unsupported', 'failed'] as const)(
    'that comes late, %s, changes no verdict',
    async (outcome) => {
      const { say, arrive, row } = await scanning();
      await say();
      await arrive();
      const before = row();
      expect((await say({ outcome })).kind).toBe('ignored');
      expect(row()).toEqual(before);
    },
  );

  test('that is repeated announces a row that its first delivery has moved and not announced', async () => {
    const { deps, say, row, announced } = await scanning();
    const broken = { ...deps, announce: () => Promise.reject(new Error('SQS is down')) };
    const { lastAsked } = { lastAsked: deps.scanners.asked[0] as ScanRequest };
    await expect(takeResult(broken, toResult(lastAsked))).rejects.toThrow('SQS is down');
    expect([row()?.state, announced]).toEqual(['verifying', []]);
    expect((await say()).kind).toBe('announced');
    expect(announced).toHaveLength(1);
  });

  test('that is repeated is written down once', async () => {
    const { say, row, pass } = await scanning({ demanded: ['clamav', 'guardduty'] });
    await say();
    const before = row();
    pass(5_000);
    expect((await say()).kind).toBe('recorded');
    expect(row()).toEqual(before);
  });

  test.each(['clean', 'unsupported', 'failed'] as const)(
    'of harm outweighs that the same scanner said %s before, and nothing outweighs harm',
    async (outcome) => {
      const { say, row } = await scanning({ demanded: ['clamav', 'guardduty'] });
      await say({ outcome });
      expect((await say({ outcome: 'infected', threats: ['Eicar'] })).kind).toBe('announced');
      expect(row()?.scans?.clamav).toMatchObject({ outcome: 'infected', threats: ['Eicar'] });
      await say({ outcome });
      expect(row()?.scans?.clamav?.outcome).toBe('infected');
    },
  );

  test('that a scan failed does not outweigh what was said before', async () => {
    const { say, row } = await scanning({ demanded: ['clamav', 'guardduty'] });
    await say();
    await say({ outcome: 'failed' });
    expect(row()?.scans?.clamav?.outcome).toBe('clean');
  });

  test('that comes at the same moment as another scanner’s loses nothing of either', async () => {
    const { say, row, announced } = await scanning({ demanded: ['clamav', 'guardduty', 'function'] });
    await Promise.all([say(), say({}, 'guardduty'), say({}, 'function')]);
    expect(Object.keys(row()?.scans ?? {})).toEqual(['clamav', 'guardduty', 'function']);
    expect(row()?.state).toBe('verifying');
    expect(announced.length).toBeGreaterThan(0);
  });
});

describe('a scanner that fails', () => {
  test('is asked again, after pauses that grow', async () => {
    const { say, scanners, row, pass } = await scanning();
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt += 1) {
      expect((await say({ outcome: 'failed', detail: 'It is down.' })).kind).toBe('asked_again');
      expect(row()).toMatchObject({ state: 'scanning', scans: { clamav: { outcome: 'failed', attempt } } });
      pass(1_000_000);
    }
    expect(scanners.asked.map(({ attempt, delaySeconds }) => [attempt, delaySeconds])).toEqual([
      [1, 0],
      [2, 15],
      [3, 60],
      [4, 300],
      [5, 900],
    ]);
  });

  test('has the upload held after the fifth time, with its reason, and nobody is asked any more', async () => {
    const { say, scanners, row, places } = await scanning();
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt += 1) await say({ outcome: 'failed' });
    expect((await say({ outcome: 'failed', detail: 'It is down.' })).kind).toBe('held');
    expect(scanners.asked).toHaveLength(MAX_ATTEMPTS);
    expect(row()).toMatchObject({
      state: 'held',
      detail: 'The scanner clamav failed 5 times: It is down.',
      dueAt: START + HELD_LOOK_MS,
    });
    expect(row()).not.toHaveProperty('settledAt');
    expect(places()).toEqual(['incoming']);
  });

  test.each([
    ['says which attempt it was', {}],
    ['does not', { attempt: undefined }],
  ])('counts once where a failure is told twice and the scanner %s', async (_how, changes) => {
    const { lastAsked, deps, scanners, row } = await scanning();
    const first = toResult(lastAsked(), { outcome: 'failed', ...(changes as Partial<ScanResult>) });
    await takeResult(deps, first);
    expect((await takeResult(deps, first)).kind).toBe('recorded');
    expect(row()?.scans?.clamav?.attempt).toBe(1);
    expect(scanners.asked).toHaveLength(2);
  });

  test('and then judges the file has failed no more: the file goes on', async () => {
    const { say, row, arrive } = await scanning();
    await say({ outcome: 'failed' });
    await say();
    expect(row()?.scans?.clamav).toMatchObject({ outcome: 'clean', attempt: 2 });
    expect((await arrive()).kind).toBe('accepted');
  });

  test('and is not configured has the upload held at once, and asks nobody', async () => {
    const { outcome, row, scanners } = await scanning({
      demanded: ['clamav', 'guardduty'],
      configured: ['clamav'],
    });
    expect(outcome.kind).toBe('held');
    expect(row()).toMatchObject({ state: 'held', detail: 'The scanner guardduty is not configured.' });
    expect(scanners.asked).toEqual([]);
  });

  test('holds the upload, too, in a deployment that has no scanners at all', async () => {
    const { deps, objects, upload, row, places } = await setup();
    objects.put(upload.key, CSV);
    const { scanners: _none, ...without } = deps;
    await verify(without, { key: upload.key }, 1_000, new AbortController().signal);
    expect([row()?.state, places()]).toEqual(['held', ['incoming']]);
  });
});

describe('an arrival while scanners are asked', () => {
  test('that is repeated does nothing, and is acknowledged', async () => {
    const { arrive, versionId, row, places } = await scanning();
    const before = row();
    expect(await arrive(versionId)).toEqual({ kind: 'waiting', upload: before });
    expect([row(), places()]).toEqual([before, ['incoming']]);
  });

  test('of a later version is removed unread: what is scanned is what will be accepted', async () => {
    const { arrive, objects, upload, versionId, say, places } = await scanning();
    const later = objects.put(upload.key, 'something else');
    expect((await arrive(later)).kind).toBe('waiting');
    expect((await objects.facts('incoming', upload.key))?.versionId).toBe(versionId);
    await say();
    await arrive(versionId);
    expect(places()).toEqual(['store']);
    expect(Buffer.from(objects.places.store.get(upload.key)?.bytes ?? []).toString()).toBe(CSV);
  });

  test('of a later version stays if the scanned one has gone: it is all that there is', async () => {
    const { arrive, objects, upload, versionId } = await scanning();
    const seen = await objects.facts('incoming', upload.key, versionId);
    const later = objects.put(upload.key, CSV);
    if (seen) await objects.remove('incoming', upload.key, seen);
    expect((await arrive(later)).kind).toBe('waiting');
    expect((await objects.facts('incoming', upload.key))?.versionId).toBe(later);
  });
});

describe('the sweep', () => {
  test('leaves alone what has waited for its scanners for less than they may take', async () => {
    const { sweepAt, scanners } = await scanning();
    expect((await sweepAt(START + SCAN_PATIENCE_MS - 1)).asked).toBe(0);
    expect(scanners.asked).toHaveLength(1);
  });

  test('asks scanners again that have not answered, alone, and has the upload held after the fifth time', async () => {
    const { sweepAt, scanners, row, say } = await scanning({ demanded: ['clamav', 'guardduty'] });
    await say({}, 'guardduty');
    let at = START;
    for (let attempt = 2; attempt <= MAX_ATTEMPTS; attempt += 1) {
      at = row()?.dueAt ?? 0;
      expect(await sweepAt(at)).toMatchObject({ asked: 1, held: 0 });
      const delaySeconds = [15, 60, 300, 900][attempt - 2] ?? 0;
      expect(scanners.asked.at(-1)).toMatchObject({ scanner: 'clamav', attempt, delaySeconds });
      expect(row()?.dueAt).toBe(at + delaySeconds * 1000 + SCAN_PATIENCE_MS);
    }
    expect(scanners.asked).toHaveLength(2 + MAX_ATTEMPTS - 1);
    expect(await sweepAt(row()?.dueAt ?? 0)).toMatchObject({ asked: 0, held: 1 });
    expect(row()).toMatchObject({
      state: 'held',
      detail: 'The scanner clamav failed 5 times: It did not answer in time.',
    });
  });

  test('announces what has all its results, where the announcement was lost', async () => {
    const { deps, lastAsked, row, sweepAt, announced, ledger } = await scanning();
    const seen = row() as Upload;
    const scan = { outcome: 'clean', at: 1, attempt: 1, etag: lastAsked().etag } as const;
    const { versionId } = lastAsked();
    await ledger.recordScan(seen, 'clamav', { ...scan, ...(versionId !== undefined && { versionId }) });
    expect((await sweepAt(START + SCAN_PATIENCE_MS)).announced).toBe(1);
    expect([announced.length, row()?.state]).toEqual([1, 'verifying']);
    expect(deps.scanners.asked).toHaveLength(1);
  });

  test('expires what scanners were asked about if it is gone', async () => {
    const { objects, upload, sweepAt, row } = await scanning();
    const seen = await objects.facts('incoming', upload.key);
    if (seen) await objects.remove('incoming', upload.key, seen);
    expect((await sweepAt(START + SCAN_PATIENCE_MS)).expired).toBe(1);
    expect(row()).toMatchObject({ state: 'expired', detail: 'The object vanished before it was verified.' });
  });

  test('has what it was overwritten with judged, in a bucket without versions', async () => {
    const { objects, upload, sweepAt, arrive, scanners } = await scanning({ isVersioned: false });
    objects.put(upload.key, CSV.replace('photo', 'other'));
    expect((await sweepAt(START + SCAN_PATIENCE_MS)).announced).toBe(1);
    expect((await arrive()).kind).toBe('scanning');
    expect(scanners.asked.map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  test('has another version judged, if the one that scanners were asked about is gone', async () => {
    const { objects, upload, versionId, sweepAt, row, arrive, scanners } = await scanning();
    const seen = await objects.facts('incoming', upload.key, versionId);
    const later = objects.put(upload.key, CSV);
    if (seen) await objects.remove('incoming', upload.key, seen);
    expect((await sweepAt(START + SCAN_PATIENCE_MS)).announced).toBe(1);
    expect((await arrive()).kind).toBe('scanning');
    expect(row()).toMatchObject({ versionId: later, evidence: { versionId: later } });
    expect(scanners.asked.at(-1)).toMatchObject({ versionId: later, attempt: 1 });
  });
});

describe('a held upload', () => {
  const held = async () => {
    const world = await scanning({ demanded: ['clamav', 'guardduty'] });
    await world.say();
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      await world.say({ outcome: 'failed' }, 'guardduty');
    }
    expect(world.row()?.state).toBe('held');
    return world;
  };

  test('takes no results: a person has to look', async () => {
    const { say, row } = await held();
    const before = row();
    expect((await say({}, 'guardduty')).kind).toBe('ignored');
    expect(row()).toEqual(before);
  });

  test('is counted by the sweep every hour, as long as its object is there', async () => {
    const { sweepAt, row, places } = await held();
    expect((await sweepAt(START + HELD_LOOK_MS - 1)).held).toBe(0);
    expect((await sweepAt(START + HELD_LOOK_MS)).held).toBe(1);
    expect(row()).toMatchObject({ state: 'held', dueAt: START + 2 * HELD_LOOK_MS });
    expect(places()).toEqual(['incoming']);
  });

  test('expires once its object is gone', async () => {
    const { objects, upload, sweepAt, row } = await held();
    const seen = await objects.facts('incoming', upload.key);
    if (seen) await objects.remove('incoming', upload.key, seen);
    expect((await sweepAt(START + HELD_LOOK_MS)).expired).toBe(1);
    expect(row()?.state).toBe('expired');
  });

  test('is verified again once it is freed: who has judged it is not asked again, and the others from the first time on', async () => {
    const { deps, row, announced, arrive, scanners, say } = await held();
    const asked = scanners.asked.length;
    expect(await freeHeld(deps, row() as Upload)).toMatchObject({
      state: 'verifying',
      scans: { clamav: { outcome: 'clean' } },
    });
    expect(row()).not.toHaveProperty('detail');
    expect(announced).toHaveLength(1);
    expect((await arrive()).kind).toBe('scanning');
    expect(scanners.asked.slice(asked)).toMatchObject([{ scanner: 'guardduty', attempt: 1 }]);
    await say({}, 'guardduty');
    expect((await arrive()).kind).toBe('accepted');
    expect(row()).not.toHaveProperty('detail');
  });

  test('is freed once, and nothing else is', async () => {
    const { deps, row, announced } = await held();
    const seen = row() as Upload;
    const both = await Promise.all([freeHeld(deps, seen), freeHeld(deps, { ...seen, epoch: 0 })]);
    expect(both.map((freed) => freed?.state)).toEqual(['verifying', undefined]);
    expect(await freeHeld(deps, row() as Upload)).toBeUndefined();
    expect(announced).toHaveLength(1);
  });
});
