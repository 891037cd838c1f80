import { NetworkError, ProblemError, SourceError } from '@sluice/client/errors';
import type { Upload } from '@sluice/client/resource';
import { createUploadList, type ListDeps } from '@sluice/client/upload-list';
import { describe, expect, test } from 'vitest';
import { createHandUploader, handFile } from './hand-uploader.ts';
import { fileOf, openWorld, PART } from './world.ts';

function setup(deps: Partial<ListDeps> = {}) {
  const uploader = createHandUploader();
  const settled: Upload[] = [];
  const list = createUploadList(() => ({
    uploader,
    atOnce: 2,
    onSettled: (upload) => settled.push(upload),
    ...deps,
  }));
  const statuses = () => list.read().map(({ status }) => status);
  const only = () => {
    const [view, ...more] = list.read();
    if (view === undefined || more.length > 0) throw new Error(`${list.read().length} files are listed`);
    return view;
  };
  return { uploader, list, settled, statuses, only };
}

describe('a list of uploads', () => {
  test('names each file as it is uploaded, one without a name too', () => {
    const { list } = setup();
    list.add(handFile('a:b.txt'));
    list.add(handFile('a.txt'), { filename: 'report.txt' });
    list.add(new Blob(['bytes']));
    expect(list.read().map(({ filename }) => filename)).toEqual(['a_b.txt', 'report.txt', 'unnamed']);
  });

  test('lets nothing begin between a stop and a go, be it added, resumed or next in turn', async () => {
    const { uploader, list, statuses } = setup({ atOnce: 1 });
    const first = list.add(handFile('a'));
    list.add(handFile('b'));
    list.stop();
    await uploader.runs[0]?.fail(new NetworkError('The line is cut.'));
    list.add(handFile('c'));
    list.resume(first);
    expect(statuses()).toEqual(['waiting', 'paused', 'waiting']);
    expect(uploader.runs).toHaveLength(1);
    list.go();
    expect(statuses()).toEqual(['starting', 'paused', 'waiting']);
    expect(uploader.runs).toHaveLength(2);
  });

  test('shows a file from its first byte to the verdict', async () => {
    const { uploader, list, settled, only } = setup();
    list.add(handFile('a.txt', 10), { policy: 'everything' });
    expect(only()).toMatchObject({ status: 'starting', bytes: 0, totalBytes: 10 });
    const [run] = uploader.runs;
    expect(run?.options).toMatchObject({ policy: 'everything' });
    run?.progress('hashing', 4);
    expect(only()).toMatchObject({ status: 'hashing', bytes: 4 });
    run?.progress('sending', 3);
    expect(only()).toMatchObject({ status: 'sending', bytes: 3 });
    run?.progress('sending', 10);
    expect(only()).toMatchObject({ status: 'verifying', bytes: 10 });
    await run?.settle('accepted');
    expect(only()).toMatchObject({ status: 'accepted', upload: { state: 'accepted' } });
    expect(settled.map(({ state }) => state)).toEqual(['accepted']);
  });

  test('begins as many files at once as it may, and the next one when all bytes of another are sent', async () => {
    const { uploader, list, statuses } = setup();
    for (const name of ['a', 'b', 'c', 'd']) list.add(handFile(name));
    expect(statuses()).toEqual(['starting', 'starting', 'waiting', 'waiting']);
    uploader.runs[1]?.progress('sending', 10);
    expect(statuses()).toEqual(['starting', 'verifying', 'starting', 'waiting']);
    await uploader.runs[0]?.fail(new NetworkError('The line is cut.'));
    expect(statuses()).toEqual(['failed', 'verifying', 'starting', 'starting']);
  });

  test('begins three large files at once, or many small ones, unless it is told how many', async () => {
    const { list, statuses, uploader } = setup({ atOnce: undefined });
    const large = 5 * 1024 ** 2;
    for (const name of ['a', 'b', 'c', 'd']) list.add(handFile(name, large));
    expect(statuses()).toEqual(['starting', 'starting', 'starting', 'waiting']);
    uploader.runs[0]?.progress('sending', large);
    uploader.runs[1]?.progress('sending', large);
    for (let n = 0; n < 40; n++) list.add(handFile(`${n}`));
    expect(statuses().filter((status) => status === 'starting')).toHaveLength(2 + 32);
  });

  test('keeps the view of a file that stands still while another one moves', () => {
    const { uploader, list } = setup();
    list.add(handFile('a'));
    list.add(handFile('b'));
    const [before] = list.read();
    uploader.runs[1]?.progress('sending', 5);
    expect(list.read()[0]).toBe(before);
    expect(list.read()[1]?.bytes).toBe(5);
  });

  test('hears nothing more of a run that was stopped', async () => {
    const { uploader, list, settled, only } = setup();
    const key = list.add(handFile('a'));
    const [run] = uploader.runs;
    list.cancel(key);
    run?.progress('sending', 5);
    await run?.settle('accepted');
    expect(only()).toMatchObject({ status: 'cancelled', bytes: 0 });
    expect(settled).toEqual([]);
  });

  test('a pause keeps what has arrived, and a cancellation gives it up', () => {
    const { uploader, list } = setup();
    const paused = list.add(handFile('a'));
    const cancelled = list.add(handFile('b'));
    expect(uploader.runs.map(({ options }) => options.keep)).toEqual([false, false]);
    list.pause(paused);
    list.cancel(cancelled);
    expect(uploader.runs.map(({ options }) => options.signal?.aborted)).toEqual([true, true]);
    expect(uploader.runs.map(({ options }) => options.keep)).toEqual([true, false]);
  });

  test('an upload in parts goes on from where it was paused or lost its line', async () => {
    const { uploader, list } = setup();
    const key = list.add(handFile('a'));
    uploader.runs[0]?.state('requested', 'multipart');
    list.pause(key);
    list.resume(key);
    expect(uploader.runs[1]?.options.resume).toBe('upload-1');
    await uploader.runs[1]?.fail(new NetworkError('The line is cut.'));
    list.retry(key);
    expect(uploader.runs[2]?.options.resume).toBe('upload-1');
  });

  test.each([
    ['was in one piece', 'put', new NetworkError('The line is cut.')],
    ['is refused for good', 'multipart', new SourceError('It is another file.')],
  ] as const)('an upload that %s begins from its first byte', async (_how, transport, error) => {
    const { uploader, list } = setup();
    const key = list.add(handFile('a'));
    uploader.runs[0]?.state('requested', transport);
    await uploader.runs[0]?.fail(error);
    list.retry(key);
    expect(uploader.runs[1]?.options.resume).toBeUndefined();
  });

  test('a paused upload that is cancelled is given up on the server too', () => {
    const { uploader, list, statuses } = setup();
    const key = list.add(handFile('a'));
    uploader.runs[0]?.state('requested', 'multipart');
    list.pause(key);
    expect(uploader.givenUp).toEqual([]);
    list.cancel(key);
    expect(uploader.givenUp).toEqual(['upload-1']);
    expect(statuses()).toEqual(['cancelled']);
  });

  test('a pause is of no use once all bytes are there', () => {
    const { uploader, list, statuses } = setup();
    const key = list.add(handFile('a'));
    uploader.runs[0]?.progress('sending', 10);
    list.pause(key);
    expect(statuses()).toEqual(['verifying']);
    expect(uploader.runs[0]?.options.signal?.aborted).toBe(false);
  });

  test('what failed and was then given up begins anew', async () => {
    const { uploader, list, only } = setup();
    const key = list.add(handFile('a'));
    uploader.runs[0]?.state('requested', 'multipart');
    await uploader.runs[0]?.fail(new NetworkError('The line is cut.'));
    list.cancel(key);
    expect(uploader.givenUp).toEqual(['upload-1']);
    expect(only().error).toBeUndefined();
    list.retry(key);
    expect(uploader.runs[1]?.options.resume).toBeUndefined();
  });

  test.each(['pause', 'fail'] as const)(
    'what goes on after a %s is given up when it is cancelled before its turn',
    async (how) => {
      const { uploader, list, statuses } = setup({ atOnce: 1 });
      const key = list.add(handFile('a'));
      uploader.runs[0]?.state('requested', 'multipart');
      list.add(handFile('b'));
      if (how === 'pause') list.pause(key);
      await uploader.runs[0]?.fail(new NetworkError('The line is cut.'));
      if (how === 'pause') list.resume(key);
      else list.retry(key);
      expect(statuses()).toEqual(['waiting', 'starting']);
      list.cancel(key);
      expect(uploader.givenUp).toEqual(['upload-1']);
      list.retry(key);
      await uploader.runs[1]?.settle('accepted');
      expect(uploader.runs[2]?.options.resume).toBeUndefined();
    },
  );

  test.each([
    ['requested', ['upload-1']],
    ['verifying', []],
  ] as const)(
    'what goes on and is cancelled while it is looked for, %s when it was seen last, has %j given up',
    async (state, givenUp) => {
      const { uploader, list } = setup();
      const key = list.add(handFile('a'));
      uploader.runs[0]?.state(state, 'multipart');
      await uploader.runs[0]?.fail(new NetworkError('The line is cut.'));
      list.retry(key);
      list.cancel(key);
      expect(uploader.givenUp).toEqual(givenUp);
    },
  );

  test('what goes on and is cancelled once it is found is left to the uploader', async () => {
    const { uploader, list } = setup();
    const key = list.add(handFile('a'));
    uploader.runs[0]?.state('requested', 'multipart');
    list.pause(key);
    list.resume(key);
    uploader.runs[1]?.state('requested', 'multipart');
    list.cancel(key);
    expect(uploader.givenUp).toEqual([]);
    expect(uploader.runs[1]?.options).toMatchObject({ keep: false, signal: { aborted: true } });
  });

  test('an upload that ran out of time may be tried again', async () => {
    const { uploader, list } = setup();
    const key = list.add(handFile('a'));
    await uploader.runs[0]?.settle('expired');
    list.retry(key);
    expect(uploader.runs.length).toBe(2);
  });

  test('a file that waits is paused and cancelled without a call', () => {
    const { uploader, list, statuses } = setup({ atOnce: 1 });
    const [, second = '', third = ''] = ['a', 'b', 'c'].map((name) => list.add(handFile(name)));
    list.pause(second);
    list.cancel(third);
    expect(statuses()).toEqual(['starting', 'paused', 'cancelled']);
    expect(uploader.runs.length).toBe(1);
    list.resume(second);
    expect(statuses()).toEqual(['starting', 'waiting', 'cancelled']);
  });

  test('nothing happens to what has ended, and nothing to a key that is not there', async () => {
    const { uploader, list, statuses } = setup();
    const key = list.add(handFile('a'));
    await uploader.runs[0]?.settle('rejected');
    for (const act of [list.pause, list.resume, list.retry, list.cancel]) {
      act(key);
      act('nobody');
    }
    expect(statuses()).toEqual(['rejected']);
    expect(uploader.runs.length).toBe(1);
    list.remove(key);
    expect(list.read()).toEqual([]);
  });

  test('a failure shows the error that the uploader rejected with', async () => {
    const { uploader, list, only } = setup();
    list.add(handFile('a'));
    const error = new ProblemError({
      type: 'about:blank',
      title: 'No',
      status: 422,
      detail: 'No policy takes this type.',
      code: 'type_not_allowed',
      requestId: 'r',
      retryable: false,
    });
    await uploader.runs[0]?.fail(error);
    expect(only()).toMatchObject({ status: 'failed', error });
  });
});

test('with a real uploader, a paused upload in parts goes on as the same one, and a cancelled one is aborted on the server', async () => {
  await using world = await openWorld();
  const list = createUploadList(() => ({ uploader: world.uploader, atOnce: 1 }));
  const until = (isSo: () => boolean) =>
    new Promise<void>((resolve) => {
      if (isSo()) return resolve();
      const leave = list.subscribe(() => {
        if (!isSo()) return;
        leave();
        resolve();
      });
    });
  const file = fileOf(4 * PART);
  const key = list.add(file);
  await until(() => (list.read()[0]?.bytes ?? 0) > 0);
  list.pause(key);
  list.resume(key);
  await until(() => list.read()[0]?.status === 'accepted');
  expect(world.server.uploads.size).toBe(1);

  const second = list.add(fileOf(4 * PART, { seed: 2 }));
  await until(() => (list.read()[1]?.bytes ?? 0) > 0);
  const id = list.read()[1]?.upload?.id ?? '';
  list.pause(second);
  list.cancel(second);
  await expect.poll(() => world.server.uploads.get(id)?.state).toBe('aborted');
});
