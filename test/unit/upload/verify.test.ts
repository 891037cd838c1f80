import { createHash } from 'node:crypto';
import type { Upload } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import { PREFIX_BYTES } from '../../../src/lib/sniff/source.ts';
import { CopyUnfinished } from '../../../src/lib/upload/faults.ts';
import type { Keep } from '../../../src/lib/upload/keep.ts';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { verify } from '../../../src/lib/upload/verify.ts';
import { policies } from '../../../src/policies.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { archive, WORD } from '../../corpus/archive.ts';
import { honestFile, join } from '../../corpus/bytes.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects, type MemoryObjects } from '../../fakes/memory-objects.ts';
import { RAISED } from '../../fakes/sweep-report.ts';

const CSV = 'name,size\nphoto,3\n';

async function setup(changes: Partial<Upload> = {}, store: Parameters<typeof createMemoryObjects>[0] = {}) {
  const ledger = createMemoryLedger();
  const objects = createMemoryObjects(store);
  let now = 10_000;
  let ids = 0;
  const announced: string[] = [];
  const upload = aRequest({
    policy: 'data',
    contentType: 'text/csv',
    filename: 'sizes.csv',
    size: CSV.length,
    ...changes,
  });
  await ledger.record(upload);
  const deps = {
    ledger,
    objects,
    policies,
    now: () => now,
    newId: () => `worker-${++ids}`,
    countArrivals: async () => 0,
    rowRetentionInSeconds: 60,
    announce: async ({ id }: Upload) => {
      announced.push(id);
    },
  };
  return {
    deps,
    ledger,
    objects,
    upload,
    announced,
    pass: (ms: number) => {
      now += ms;
    },
    arrive: (key = upload.key, versionId?: string) =>
      verify(deps, { key, ...(versionId && { versionId }) }, 1_000, new AbortController().signal),
    row: () => ledger.rows.get(upload.id)?.upload,
  };
}

async function factsOf(objects: MemoryObjects, key: string) {
  const facts = await objects.facts('incoming', key);
  if (facts === undefined) throw new Error('the object is there');
  return facts;
}

describe('a file that arrives after its upload has expired', () => {
  // A slow PUT that ended after the grace was answered 200 by S3, and its sender was told nowhere that it was
  // removed.
  test('is removed unread, and the row tells its sender so', async () => {
    const { arrive, objects, ledger, upload, row } = await setup();
    await ledger.move(upload, 'expired', { settledAt: 9_000, dueAt: null, detail: 'Nothing had arrived.' });
    objects.put(upload.key, CSV);
    expect((await arrive()).kind).toBe('leftover');
    expect(objects.places.incoming.size).toBe(0);
    expect(objects.calls.map(({ name }) => name)).not.toContain('readRange');
    expect(row()).toMatchObject({
      state: 'expired',
      detail: expect.stringMatching(
        /^The file arrived after .* expired at 1970-01-01T00:00:09\.000Z, .*removed/,
      ),
    });
  });

  test.each(['aborted', 'rejected'] as const)('says nothing else of one that is %s', async (state) => {
    const { arrive, objects, ledger, upload, row } = await setup({
      state: state === 'aborted' ? 'requested' : 'verifying',
    });
    await ledger.move(upload, state, { settledAt: 9_000, dueAt: null, detail: 'as it was' });
    objects.put(upload.key, CSV);
    expect((await arrive()).kind).toBe('leftover');
    expect(row()?.detail).toBe('as it was');
  });
});

describe('an arrival that keeps its word', () => {
  test('is moved to the store with headers that the server chose, and the row says accepted', async () => {
    const { arrive, objects, upload, row } = await setup();
    objects.put(upload.key, CSV);
    expect((await arrive()).kind).toBe('accepted');
    expect(Buffer.from(objects.places.store.get(upload.key)?.bytes ?? []).toString()).toBe(CSV);
    expect(objects.places.store.get(upload.key)?.headers).toEqual({
      contentType: 'text/csv; charset=utf-8',
      contentDisposition: `attachment; filename="sizes.csv"; filename*=UTF-8''sizes.csv`,
      metadata: {
        'upload-id': upload.id,
        'judged-md5': createHash('md5').update(CSV).digest('hex'),
        'judged-sha256': createHash('sha256').update(CSV).digest('base64'),
      },
    });
    expect(objects.places.incoming.size).toBe(0);
    expect(row()).toMatchObject({
      state: 'accepted',
      epoch: 1,
      evidence: { size: CSV.length, detectedType: 'text/csv' },
    });
    expect(row()?.dueAt).toBeUndefined();
  });

  test('costs one HEAD, one small read, one copy and one removal, though the object is large', async () => {
    const big = `a,b\n${'1,2\n'.repeat(100_000)}`;
    const { arrive, objects, upload } = await setup({ size: big.length });
    objects.put(upload.key, big);
    await arrive();
    expect(objects.calls.map(({ name }) => name)).toEqual(['facts', 'readRange', 'copy', 'remove']);
    expect(objects.calls[1]?.bytes).toBe(PREFIX_BYTES);
  });

  test.each<[string, Uint8Array, string, string, number[]]>([
    [
      'an Office file: 64 KiB of its end',
      archive([...WORD, { name: 'word/image.png', content: Buffer.alloc(300_000, 'x') }]),
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      'letter.docx',
      [PREFIX_BYTES, 65_536],
    ],
    [
      'a table of Parquet: 8 bytes of its end',
      join('PAR1', Buffer.alloc(300_000), Buffer.from('\n\0\0\0PAR1')),
      'application/vnd.apache.parquet',
      'rows.parquet',
      [PREFIX_BYTES, 8],
    ],
    [
      'a picture: nothing',
      join(honestFile('picture.png'), Buffer.alloc(300_000)),
      'image/png',
      'photo.png',
      [PREFIX_BYTES],
    ],
  ])(
    'costs one read more for what keeps its table at the end. %s',
    async (_what, bytes, contentType, filename, reads) => {
      const policy = contentType.startsWith('image/')
        ? 'images'
        : contentType.includes('parquet')
          ? 'data'
          : 'documents';
      const { arrive, objects, upload } = await setup({ size: bytes.length, contentType, filename, policy });
      objects.put(upload.key, bytes);
      expect((await arrive()).kind).toBe('accepted');
      expect(objects.calls.filter(({ name }) => name === 'readRange').map((call) => call.bytes)).toEqual(
        reads,
      );
      expect(objects.calls).toHaveLength(3 + reads.length);
    },
  );

  test('is read once in full when a checksum was declared that the store did not record', async () => {
    const checksum = {
      algorithm: 'sha256',
      value: createHash('sha256').update(CSV).digest('base64'),
    } as const;
    const { arrive, objects, upload, row } = await setup({ checksum }, { recordsChecksums: false });
    objects.put(upload.key, CSV);
    expect((await arrive()).kind).toBe('accepted');
    expect(objects.calls.map(({ name }) => name)).toContain('hash');
    expect(row()?.evidence?.checksum).toEqual(checksum);
  });

  test('that is empty is accepted where the policy takes empty files, once it was seen to be', async () => {
    const { arrive, objects, upload } = await setup({ size: 0 });
    objects.put(upload.key, '');
    expect((await arrive()).kind).toBe('accepted');
    expect(objects.calls.map(({ name }) => name)).toEqual(['facts', 'readRange', 'copy', 'remove']);
  });
});

describe('an arrival that does not', () => {
  test('is moved to quarantine with its reason, and nothing reaches the store', async () => {
    const { arrive, objects, upload, row } = await setup();
    objects.put(upload.key, `${CSV}x,`);
    expect((await arrive()).kind).toBe('rejected');
    expect(objects.places.store.size).toBe(0);
    expect(objects.places.incoming.size).toBe(0);
    expect(objects.places.quarantine.get(upload.key)?.headers).toMatchObject({
      contentType: 'application/octet-stream',
      contentDisposition: 'attachment',
      metadata: { reason: 'size_mismatch' },
    });
    expect(row()).toMatchObject({ state: 'rejected', reason: 'size_mismatch' });
  });

  test('of another size is not hashed', async () => {
    const checksum = { algorithm: 'sha256', value: 'x' } as const;
    const { arrive, objects, upload } = await setup({ checksum }, { recordsChecksums: false });
    objects.put(upload.key, `${CSV}x,`);
    await arrive();
    expect(objects.calls.map(({ name }) => name)).not.toContain('hash');
  });

  test('is rejected when its policy has been removed in the meantime', async () => {
    const { arrive, objects, upload, row } = await setup({ policy: 'gone' });
    objects.put(upload.key, CSV);
    await arrive();
    expect(row()?.reason).toBe('policy_gone');
  });
});

describe('an object that nobody requested', () => {
  test.each([
    ['under a key of no upload', 'acme/00000000-0000-4000-8000-000000000000'],
    ['under a key of no form of ours', 'Ünï ../../etc/passwd'],
    ['under the longest key that S3 takes', 'k'.repeat(1024)],
  ])('%s is set aside in quarantine', async (_case, key) => {
    const { arrive, objects } = await setup();
    objects.put(key, CSV);
    expect((await arrive(key)).kind).toBe('unrequested');
    expect(objects.places.incoming.size).toBe(0);
    expect(objects.places.store.size).toBe(0);
    const [setAsideKey, object] = [...objects.places.quarantine][0] ?? [];
    expect(setAsideKey).toMatch(/^unrequested\/[0-9a-f]{64}$/);
    expect(Buffer.from(object?.headers?.metadata['original-key'] ?? '', 'base64url').toString()).toBe(key);
  });

  test('under the id of an upload of another tenant leaves that upload as it was', async () => {
    const { arrive, objects, upload, row } = await setup();
    objects.put(`mallory/${upload.id}`, CSV);
    expect((await arrive(`mallory/${upload.id}`)).kind).toBe('unrequested');
    expect(row()?.state).toBe('requested');
  });
});

describe('an event that comes again, late or early', () => {
  test('changes nothing after the verdict, however often it comes', async () => {
    const { arrive, objects, upload, row } = await setup();
    objects.put(upload.key, CSV);
    await arrive();
    const settled = row();
    for (let times = 0; times < 10; times += 1) expect((await arrive()).kind).toBe('gone');
    expect(row()).toEqual(settled);
  });

  test('with new bytes under the key of an accepted upload has them removed, and the stored ones stay', async () => {
    const { arrive, objects, upload } = await setup();
    objects.put(upload.key, CSV);
    await arrive();
    objects.put(upload.key, 'evil,bytes\n');
    expect((await arrive()).kind).toBe('leftover');
    expect(objects.places.incoming.size).toBe(0);
    expect(Buffer.from(objects.places.store.get(upload.key)?.bytes ?? []).toString()).toBe(CSV);
  });

  test('for an upload that expired or was aborted has the object removed', async () => {
    const { arrive, objects, upload, ledger } = await setup();
    await ledger.move(upload, 'aborted', {});
    objects.put(upload.key, CSV);
    expect((await arrive()).kind).toBe('leftover');
    expect(objects.places.incoming.size).toBe(0);
  });

  test('for an upload that was deleted has a copy removed that an overtaken worker made of it too late', async () => {
    const { arrive, objects, upload } = await setup({ state: 'deleted' });
    objects.put(upload.key, CSV);
    objects.places.store.set(upload.key, { bytes: Buffer.from(CSV) });
    await arrive();
    expect(objects.places.store.size).toBe(0);
  });

  test('while another worker verifies fails, so that it is asked again', async () => {
    const { arrive, objects, upload, ledger } = await setup();
    objects.put(upload.key, CSV);
    await ledger.claim(upload.id, {
      key: upload.key,
      worker: 'other',
      now: 10_000,
      leaseEndsAt: 11_000,
      dueAt: 12_000,
    });
    await expect(arrive()).rejects.toThrow('being verified by another worker');
  });

  test('before the object is there is acknowledged, and the row waits', async () => {
    const { arrive, row } = await setup();
    expect(await arrive()).toEqual({ kind: 'gone' });
    expect(row()?.state).toBe('requested');
  });
});

describe('bytes that change under the verification', () => {
  test('are never accepted: overwritten between HEAD and copy, the arrival fails and the next judges what is there', async () => {
    const { deps, arrive, objects, upload, row, pass } = await setup();
    objects.put(upload.key, CSV);
    const { copy } = deps.objects;
    deps.objects.copy = async (...args) => {
      deps.objects.copy = copy;
      objects.put(upload.key, '<script>alert(1)</script>\n'.slice(0, CSV.length));
      return copy.apply(deps.objects, args);
    };
    await expect(arrive()).rejects.toThrow('changed');
    expect(objects.places.store.size).toBe(0);
    pass(2_000);
    expect((await arrive()).kind).toBe('rejected');
    expect(row()).toMatchObject({ state: 'rejected', reason: 'active_content', epoch: 2 });
  });
});

// Some stores know no condition on a copy's source. The copy was found out, stayed, and was taken for a
// verdict by the next run.
describe('a store that copies bytes which changed under it', () => {
  /**
   * HONEST bytes are judged; they are overwritten before they are copied, and after the copy by what the next
   * run judges.
   */
  const setupChanging = async (under: string, after: string) => {
    const world = await setup({}, { ignoresSource: true });
    const { deps, arrive, objects, upload, pass } = world;
    objects.put(upload.key, CSV);
    const { copy } = deps.objects;
    deps.objects.copy = async (...args) => {
      deps.objects.copy = copy;
      objects.put(upload.key, under);
      return copy.apply(deps.objects, args);
    };
    await expect(arrive()).rejects.toThrow('changed');
    expect(objects.places.store.has(upload.key)).toBe(true);
    pass(2_000);
    objects.put(upload.key, after);
    return world;
  };
  const EVIL = '<script>alert(1)</script>\n'.slice(0, CSV.length);

  test('has the copy removed when the next run rejects', async () => {
    const { arrive, objects, upload, row } = await setupChanging(EVIL, EVIL);
    expect((await arrive()).kind).toBe('rejected');
    expect(objects.places.store.size).toBe(0);
    expect(objects.places.quarantine.has(upload.key)).toBe(true);
    expect(row()).toMatchObject({ state: 'rejected', reason: 'active_content' });
  });

  test('has the copy removed, and made again, when the next run accepts', async () => {
    const { arrive, objects, upload, pass } = await setupChanging(EVIL, CSV);
    await expect(arrive()).rejects.toThrow('changed');
    expect(objects.places.store.size).toBe(0);
    pass(2_000);
    expect((await arrive()).kind).toBe('accepted');
    expect(Buffer.from(objects.places.store.get(upload.key)?.bytes ?? []).toString()).toBe(CSV);
  });

  test('has no row brought to a verdict by that copy, which goes when the row expires', async () => {
    const { deps, objects, ledger, upload, row, pass } = await setupChanging(EVIL, EVIL);
    objects.places.incoming.clear();
    for (let times = 0; times < 2; times += 1) {
      pass(3_600_000);
      await sweep(
        { ...deps, multipart: createMemoryMultipart(objects) },
        new AbortController().signal,
        RAISED,
      );
    }
    expect(row()?.state).toBe('expired');
    expect(objects.places.store.size).toBe(0);
    expect(ledger.rows.get(upload.id)?.upload.dueAt).toBeUndefined();
  });
});

describe('an object too large to be copied in one run', () => {
  test('is announced again and gone on with by the next worker, as often as it takes', async () => {
    const { deps, arrive, objects, upload, announced, row } = await setup();
    objects.put(upload.key, CSV);
    const { copy } = deps.objects;
    let runs = 0;
    deps.objects.copy = async (...args) => {
      runs += 1;
      if (runs < 8) throw new CopyUnfinished(runs, 8);
      return copy.apply(deps.objects, args);
    };
    for (let run = 1; run < 8; run += 1) expect((await arrive()).kind).toBe('unfinished');
    expect(announced).toHaveLength(7);
    expect((await arrive()).kind).toBe('accepted');
    expect(row()).toMatchObject({ state: 'accepted', epoch: 8 });
  });
});

// Each run took the parts of the one before for those of other bytes, gave them up, and began anew, for ever.
describe('a version that is dropped while its large copy goes on', () => {
  test('is replaced by the one that came after it, whose copy begins once, goes on, and comes to a verdict', async () => {
    const { deps, arrive, objects, upload, row } = await setup({}, { isVersioned: true, now: () => 5_000 });
    const { copy } = deps.objects;
    const since: number[] = [];
    let parts = 0;
    deps.objects.copy = async (...args) => {
      const [{ facts }] = args;
      since.push(facts.modifiedAt);
      // Parts that were begun before the source was written are given up (part-copy.ts).
      parts = facts.modifiedAt === Number.POSITIVE_INFINITY ? 1 : parts + 1;
      if (parts < 4) throw new CopyUnfinished(parts, 4);
      return copy.apply(deps.objects, args);
    };
    const first = objects.put(upload.key, CSV);
    expect((await arrive()).kind).toBe('unfinished');
    const second = objects.put(upload.key, CSV);
    if (first === undefined) throw new Error('versions are kept');
    // The lifecycle rule: noncurrent versions go after a day.
    await objects.remove('incoming', upload.key, {
      ...(await factsOf(objects, upload.key)),
      versionId: first,
    });
    for (let run = 0; run < 3; run += 1) expect((await arrive()).kind).toBe('unfinished');
    expect((await arrive()).kind).toBe('accepted');
    expect(since).toEqual([5_000, Number.POSITIVE_INFINITY, 5_000, 5_000, 5_000]);
    expect(row()).toMatchObject({ state: 'accepted', versionId: second, evidence: { versionId: second } });
    expect(objects.places.incoming.size).toBe(0);
  });

  test('ends as one that vanished where nothing came after it', async () => {
    const { deps, arrive, objects, upload, row, pass } = await setup({}, { isVersioned: true });
    deps.objects.copy = async () => {
      throw new CopyUnfinished(1, 4);
    };
    const version = objects.put(upload.key, CSV);
    expect((await arrive()).kind).toBe('unfinished');
    if (version === undefined) throw new Error('versions are kept');
    await objects.remove('incoming', upload.key, {
      ...(await factsOf(objects, upload.key)),
      versionId: version,
    });
    expect((await arrive()).kind).toBe('gone');
    pass(3_600_000);
    await sweep({ ...deps, multipart: createMemoryMultipart(objects) }, new AbortController().signal, RAISED);
    expect(row()).toMatchObject({ state: 'expired', detail: 'The object vanished before it was verified.' });
  });
});

describe('a worker that takes long', () => {
  /** Beats while the copy is made, as the batch does. */
  const setupBeating = async (beats: number) => {
    const world = await setup();
    const { deps, objects, upload } = world;
    objects.put(upload.key, CSV);
    const beating = new AbortController();
    let renew = async () => true;
    const keep: Keep = (again, work) => {
      renew = again;
      return work(beating.signal);
    };
    const copy = async (...args: Parameters<typeof objects.copy>) => {
      for (let beat = 0; beat < beats; beat += 1) {
        world.pass(900);
        if (!(await renew())) beating.abort();
      }
      return objects.copy(...args);
    };
    const signal = new AbortController().signal;
    const run = (change: Partial<typeof objects> = {}) =>
      verify({ ...deps, objects: { ...objects, copy, ...change } }, { key: upload.key }, 1_000, signal, keep);
    return { ...world, run, renew: () => renew(), beating, signal };
  };

  test('keeps its lease, though it takes ten times as long as one lasts', async () => {
    const { run, ledger, upload } = await setupBeating(10);
    expect((await run()).kind).toBe('accepted');
    expect(ledger.rows.get(upload.id)?.upload.epoch).toBe(1);
  });

  test('is overtaken when it stops to renew, learns of it at its next beat, and says so whatever stopped it', async () => {
    const { run, renew, beating, deps, pass, arrive, row, upload } = await setupBeating(0);
    const copy = async (...[, , held]: Parameters<typeof deps.objects.copy>) => {
      pass(1_500);
      expect((await arrive()).kind).toBe('accepted');
      if (!(await renew())) beating.abort();
      held.throwIfAborted();
      return 'copied' as const;
    };
    await expect(run({ copy })).rejects.toMatchObject({ name: 'Superseded' });
    expect(row()).toMatchObject({ state: 'accepted', epoch: 2 });
    expect(deps.objects.places.store.has(upload.key)).toBe(true);
  });

  test('announces nothing of a large copy that another worker has taken over', async () => {
    const { run, renew, deps, pass, arrive, announced } = await setupBeating(0);
    const copy = async () => {
      pass(1_500);
      await arrive();
      await renew();
      throw new CopyUnfinished(1, 2);
    };
    await expect(run({ copy })).rejects.toMatchObject({ name: 'Superseded' });
    expect([announced, deps.objects.places.incoming.size]).toEqual([[], 0]);
  });

  test('goes on when it cannot renew: the epoch fences', async () => {
    const { run, deps, ledger, upload } = await setupBeating(0);
    const renewing = { ...deps.ledger, renew: () => Promise.reject(new Error('no')) };
    Object.assign(deps, { ledger: renewing });
    expect((await run()).kind).toBe('accepted');
    expect(ledger.rows.get(upload.id)?.upload.epoch).toBe(1);
  });
});

test('a fault gives the lease back, so that the next try, a second later, need not wait for it', async () => {
  const { deps, objects, upload, arrive, row } = await setup();
  objects.put(upload.key, CSV);
  const copy = () => Promise.reject(new Error('503'));
  const failing = { ...deps, objects: { ...objects, copy } };
  const { signal } = new AbortController();
  await expect(verify(failing, { key: upload.key }, 15_000, signal)).rejects.toThrow('503');
  expect((await arrive()).kind).toBe('accepted');
  expect(row()?.epoch).toBe(2);
});

describe('a bucket that keeps versions', () => {
  const EVIL = 'evil,bytes\n1,22\n';

  test('has the version judged that its event names, at once, though another came after it', async () => {
    const { arrive, objects, upload, row } = await setup({ size: CSV.length }, { isVersioned: true });
    const first = objects.put(upload.key, CSV);
    const second = objects.put(upload.key, EVIL);
    expect((await arrive(upload.key, first)).kind).toBe('accepted');
    expect(row()?.evidence?.versionId).toBe(first);
    expect((await arrive(upload.key, second)).kind).toBe('leftover');
    expect(objects.places.incoming.size).toBe(0);
    expect(Buffer.from(objects.places.store.get(upload.key)?.bytes ?? []).toString()).toBe(CSV);
  });

  test('has the version judged that the first worker pinned, whichever event brings the next one', async () => {
    const { deps, arrive, objects, upload, row, pass } = await setup({}, { isVersioned: true });
    const first = objects.put(upload.key, CSV);
    const { copy } = deps.objects;
    deps.objects.copy = async () => {
      deps.objects.copy = copy;
      throw new Error('killed');
    };
    await expect(arrive(upload.key, first)).rejects.toThrow('killed');
    const second = objects.put(upload.key, EVIL);
    pass(2_000);
    expect((await arrive(upload.key, second)).kind).toBe('accepted');
    expect(row()).toMatchObject({ state: 'accepted', epoch: 2, evidence: { versionId: first } });
    // The one that came later goes with it: its event is spent.
    expect(objects.places.incoming.size).toBe(0);
    expect(Buffer.from(objects.places.store.get(upload.key)?.bytes ?? []).toString()).toBe(CSV);
  });

  test('has what came after judged where the pinned version is gone', async () => {
    const { arrive, objects, upload, row, ledger, pass } = await setup({}, { isVersioned: true });
    const first = objects.put(upload.key, CSV);
    const seen = await objects.facts('incoming', upload.key, first);
    await ledger.claim(upload.id, {
      key: upload.key,
      versionId: first,
      worker: 'dead',
      now: 10_000,
      leaseEndsAt: 10_001,
      dueAt: 12_000,
    });
    if (seen) await objects.remove('incoming', upload.key, seen);
    const second = objects.put(upload.key, CSV.replace('photo', 'video'));
    pass(2_000);
    expect((await arrive(upload.key, second)).kind).toBe('accepted');
    expect(row()?.evidence?.versionId).toBe(second);
  });
});

describe('an upload whose copy is in the store already', () => {
  const inStore = (bytes: string, id: string) => ({
    bytes: Buffer.from(bytes),
    headers: {
      contentType: 'text/csv; charset=utf-8',
      contentDisposition: '',
      metadata: { 'upload-id': id },
    },
  });

  test.each([
    ['the same bytes', CSV],
    ['other honest bytes', CSV.replace('photo', 'video')],
    ['bytes that would be rejected', `${CSV}x,`],
  ])(
    'stays as it was accepted when %s arrive for its row: a backup may have put that back',
    async (_case, bytes) => {
      const { arrive, objects, upload, row } = await setup();
      objects.places.store.set(upload.key, inStore(CSV, upload.id));
      objects.put(upload.key, bytes);
      expect((await arrive()).kind).toBe('accepted');
      expect(row()).toMatchObject({
        state: 'accepted',
        servedType: 'text/csv; charset=utf-8',
        evidence: { size: CSV.length },
      });
      expect(objects.places.incoming.size).toBe(0);
      expect(objects.places.quarantine.size).toBe(0);
      expect(Buffer.from(objects.places.store.get(upload.key)?.bytes ?? []).toString()).toBe(CSV);
    },
  );

  test('is not accepted when what is there is not its own: nothing is changed, and the arrival fails', async () => {
    const { arrive, objects, upload, row } = await setup();
    objects.places.store.set(upload.key, inStore('foreign', 'another'));
    objects.put(upload.key, CSV);
    await expect(arrive()).rejects.toThrow('not its copy');
    expect(row()?.state).toBe('verifying');
    expect(objects.places.incoming.size).toBe(1);
    expect(Buffer.from(objects.places.store.get(upload.key)?.bytes ?? []).toString()).toBe('foreign');
  });
});
