import type { ScanRequest } from '@sluice/contract/scan';
import { describe, expect, test } from 'vitest';
import type { Clamd } from '../../../src/lib/clamav/clamd.ts';
import { ClamdFailed } from '../../../src/lib/clamav/faults.ts';
import { type JudgeDeps, judge } from '../../../src/lib/clamav/judge.ts';
import { SCANNABLE_BYTES } from '../../../src/lib/clamav/limits.ts';
import type { Judgement } from '../../../src/lib/clamav/parse-reply.ts';
import { createRoom } from '../../../src/lib/clamav/room.ts';
import { ObjectChanged } from '../../../src/lib/upload/faults.ts';
import { scanRequest } from '../../fakes/scan-request.ts';

/** clamd does as it is told, one answer after the other. */
function setup(...answers: readonly (Judgement | Error)[]) {
  const seen = { scans: 0, pauses: [] as number[], opened: [] as ScanRequest[] };
  const scan: Clamd['scan'] = async () => {
    const answer = answers[seen.scans];
    seen.scans += 1;
    if (answer === undefined) throw new Error('was asked once more than expected');
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const deps: JudgeDeps = {
    clamd: { scan },
    open(request) {
      seen.opened.push(request);
      return { stream: async function* () {} };
    },
    room: createRoom(SCANNABLE_BYTES),
    async pause(ms, signal) {
      signal.throwIfAborted();
      seen.pauses.push(ms);
    },
  };
  const ask = (request: Partial<ScanRequest> = {}, signal = new AbortController().signal) =>
    judge(deps, { ...scanRequest, ...request }, signal);
  return { ask, seen, deps };
}

const { uploadId, bucket, key, versionId, etag, attempt } = scanRequest;
const OBJECT = { schema: 1, scanner: 'clamav', uploadId, bucket, key, versionId, etag, attempt };
const AWAY = new ClamdFailed('cannot be reached');

describe('a judgement', () => {
  test.each<Judgement>([
    { outcome: 'clean' },
    { outcome: 'infected', threats: ['Eicar'] },
    { outcome: 'unsupported', detail: 'There is something encrypted in the file.' },
  ])('of $outcome is bound to the very object that was asked about', async (judgement) => {
    const { ask, seen } = setup(judgement);
    expect(await ask()).toEqual({ ...OBJECT, ...judgement });
    expect(seen.opened).toEqual([scanRequest]);
  });

  test('names no version where the bucket keeps none', async () => {
    const { deps } = setup({ outcome: 'clean' });
    const { versionId: _, ...request } = scanRequest;
    expect(await judge(deps, request, new AbortController().signal)).not.toHaveProperty('versionId');
  });

  test('of a file of the most that clamd looks at is asked for', async () => {
    const { ask, seen } = setup({ outcome: 'clean' });
    expect(await ask({ size: SCANNABLE_BYTES })).toMatchObject({ outcome: 'clean' });
    expect(seen.scans).toBe(1);
  });

  test('of a larger one is known without reading it', async () => {
    const { ask, seen } = setup();
    expect(await ask({ size: SCANNABLE_BYTES + 1 })).toEqual({
      ...OBJECT,
      outcome: 'unsupported',
      detail: 'ClamAV looks at files of at most 2097152000 bytes, and this one has 2097152001.',
    });
    expect(seen.opened).toEqual([]);
  });
});

describe('a clamd that fails', () => {
  test('is asked again, with all of the file', async () => {
    const { ask, seen } = setup(AWAY, new ClamdFailed('hung up'), { outcome: 'clean' });
    expect(await ask()).toMatchObject({ outcome: 'clean' });
    expect(seen.pauses).toEqual([1_000, 3_000]);
    expect(seen.opened).toHaveLength(3);
  });

  test('three times is reported, and is never clean', async () => {
    const { ask } = setup(AWAY, AWAY, new ClamdFailed('answered "Can\'t write to file ERROR"'));
    expect(await ask()).toEqual({
      ...OBJECT,
      outcome: 'failed',
      detail: 'clamd answered "Can\'t write to file ERROR"',
    });
  });

  test('gives the room back, each time', async () => {
    const { ask, deps } = setup(AWAY, AWAY, AWAY);
    await ask({ size: SCANNABLE_BYTES });
    await expect(deps.room.take(SCANNABLE_BYTES, AbortSignal.timeout(1_000))).resolves.toBeTypeOf('function');
  });

  test('is not asked again when the time is over', async () => {
    const { seen, deps } = setup(AWAY);
    const stop = new AbortController();
    const pause: JudgeDeps['pause'] = async (_, signal) => {
      stop.abort(new Error('the deadline'));
      signal.throwIfAborted();
    };
    await expect(judge({ ...deps, pause }, scanRequest, stop.signal)).rejects.toThrow('the deadline');
    expect(seen.scans).toBe(1);
  });
});

test('an object that is gone, or another by now, is reported and not asked for again', async () => {
  const { ask, seen } = setup(new ObjectChanged('being scanned'));
  expect(await ask()).toEqual({
    ...OBJECT,
    outcome: 'failed',
    detail: 'The object is not there as it was.',
  });
  expect(seen.scans).toBe(1);
});

test('a store that fails is the queue’s to ask again', async () => {
  const { ask } = setup(new Error('SlowDown'));
  await expect(ask()).rejects.toThrow('SlowDown');
});
