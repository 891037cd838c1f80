// @vitest-environment happy-dom
import { type UseUpload, type UseUploads, useUpload, useUploads } from '@sluice/client/react';
import { act, createElement, StrictMode, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import { createHandUploader, handFile } from './hand-uploader.ts';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

/** Mounts a component that calls a hook; `now` is what the hook gave at the last render. */
async function mount<T>(hook: () => T, { strict = false } = {}) {
  const seen: T[] = [];
  const Component = () => {
    seen.push(hook());
    return null;
  };
  const root = createRoot(document.createElement('div'));
  const element = createElement(Component);
  await act(async () => root.render(strict ? createElement(StrictMode, null, element) : element));
  return {
    seen,
    now: () => {
      const last = seen.at(-1);
      if (last === undefined) throw new Error('nothing is rendered');
      return last;
    },
    render: () => act(async () => root.render(createElement(Component))),
    unmount: () => act(async () => root.unmount()),
  };
}

/** Whatever was put off to the next turn of the event loop has happened. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

describe('useUpload', () => {
  test('is idle, then shows the progress of a file and its verdict', async () => {
    const uploader = createHandUploader();
    const settled: string[] = [];
    const { now } = await mount<UseUpload>(() =>
      useUpload(uploader, { policy: 'everything', onSettled: ({ state }) => settled.push(state) }),
    );
    expect(now()).toMatchObject({ status: 'idle', bytes: 0, totalBytes: 0 });
    await act(async () => now().start(handFile('a.txt'), { metadata: { project: 'apollo' } }));
    expect(uploader.runs[0]?.options).toMatchObject({
      policy: 'everything',
      metadata: { project: 'apollo' },
    });
    await act(async () => uploader.runs[0]?.progress('sending', 5));
    expect(now()).toMatchObject({ status: 'sending', bytes: 5, totalBytes: 10 });
    await act(async () => uploader.runs[0]?.settle('accepted'));
    expect(now()).toMatchObject({ status: 'accepted', upload: { state: 'accepted' } });
    expect(settled).toEqual(['accepted']);
  });

  test('sends another file instead of the one before, and none after a reset', async () => {
    const uploader = createHandUploader();
    const { now } = await mount<UseUpload>(() => useUpload(uploader));
    await act(async () => now().start(handFile('a.txt')));
    await act(async () => now().start(handFile('b.txt')));
    expect(uploader.runs.map(({ options }) => options.signal?.aborted)).toEqual([true, false]);
    expect(now().file).toMatchObject({ name: 'b.txt' });
    await act(async () => now().reset());
    expect(uploader.runs[1]?.options.signal?.aborted).toBe(true);
    expect(now()).toMatchObject({ status: 'idle', file: undefined });
  });

  test('pauses, resumes, cancels and tries again', async () => {
    const uploader = createHandUploader();
    const { now } = await mount<UseUpload>(() => useUpload(uploader));
    await act(async () => now().start(handFile('a.txt')));
    await act(async () => now().pause());
    expect(now().status).toBe('paused');
    await act(async () => now().resume());
    expect(now().status).toBe('starting');
    await act(async () => now().cancel());
    expect(now().status).toBe('cancelled');
    await act(async () => now().retry());
    expect(now().status).toBe('starting');
    expect(uploader.runs.length).toBe(3);
  });

  test('uses the uploader of the newest render', async () => {
    const [first, second] = [createHandUploader(), createHandUploader()];
    let uploader = first;
    const { now, render } = await mount<UseUpload>(() => useUpload(uploader));
    uploader = second;
    await render();
    await act(async () => now().start(handFile('a.txt')));
    expect([first.runs.length, second.runs.length]).toEqual([0, 1]);
  });

  test('gives the same functions at every render, so that they may stand in dependencies', async () => {
    const uploader = createHandUploader();
    const { now, render } = await mount<UseUpload>(() => useUpload(uploader, {}));
    const { start, cancel } = now();
    await render();
    await act(async () => now().start(handFile('a.txt')));
    expect(now().start).toBe(start);
    expect(now().cancel).toBe(cancel);
  });

  test('pauses when its component goes', async () => {
    const uploader = createHandUploader();
    const { now, unmount } = await mount<UseUpload>(() => useUpload(uploader));
    await act(async () => now().start(handFile('a.txt')));
    await unmount();
    await turn();
    expect(uploader.runs[0]?.options).toMatchObject({ signal: { aborted: true }, keep: true });
  });

  // An upload that nobody could see or stop.
  test('begins nothing once its component is gone', async () => {
    const uploader = createHandUploader();
    const { now, unmount } = await mount<UseUpload>(() => useUpload(uploader));
    await act(async () => now().start(handFile('a.txt')));
    const { start, resume, retry } = now();
    await unmount();
    await turn();
    resume();
    retry();
    start(handFile('b.txt'));
    expect(uploader.runs).toHaveLength(1);
  });

  test('goes on through the second mount that StrictMode makes', async () => {
    const uploader = createHandUploader();
    const { now } = await mount<UseUpload>(
      () => {
        const upload = useUpload(uploader);
        // As a page does that sends what it was opened with: in the first of the two mounts.
        useEffect(() => {
          if (uploader.runs.length === 0) upload.start(handFile('a'));
        }, [upload.start]);
        return upload;
      },
      { strict: true },
    );
    await act(turn);
    expect(uploader.runs.map(({ options }) => options.signal?.aborted)).toEqual([false]);
    await act(async () => uploader.runs[0]?.settle('accepted'));
    expect(now().status).toBe('accepted');
  });
});

describe('useUploads', () => {
  test('adds files, begins three of them, and lets each be stopped and taken out', async () => {
    const uploader = createHandUploader();
    const { now } = await mount<UseUploads>(() => useUploads(uploader));
    await act(async () => now().add(['a', 'b', 'c', 'd'].map((name) => handFile(name, 5 * 1024 ** 2))));
    const statuses = () => now().uploads.map(({ status }) => status);
    expect(statuses()).toEqual(['starting', 'starting', 'starting', 'waiting']);
    await act(async () => now().uploads[1]?.cancel());
    expect(statuses()).toEqual(['starting', 'cancelled', 'starting', 'starting']);
    await act(async () => now().uploads[0]?.remove());
    expect(now().uploads.map(({ file }) => 'name' in file && file.name)).toEqual(['b', 'c', 'd']);
  });

  test('clears what is settled or cancelled, and keeps what failed', async () => {
    const uploader = createHandUploader();
    const { now } = await mount<UseUploads>(() => useUploads(uploader, { atOnce: 4 }));
    await act(async () => now().add(['a', 'b', 'c', 'd'].map((name) => handFile(name))));
    await act(async () => {
      await uploader.runs[0]?.settle('accepted');
      await uploader.runs[1]?.settle('rejected');
      await uploader.runs[2]?.fail(new Error('a mistake'));
    });
    await act(async () => now().clear());
    expect(now().uploads.map(({ status }) => status)).toEqual(['failed', 'starting']);
    expect(now().uploads[0]?.error).toEqual(new Error('a mistake'));
  });

  test('gives the same row for a file that stands still', async () => {
    const uploader = createHandUploader();
    const { now } = await mount<UseUploads>(() => useUploads(uploader));
    await act(async () => now().add([handFile('a'), handFile('b')]));
    const [a, b] = now().uploads;
    await act(async () => uploader.runs[1]?.progress('sending', 5));
    expect(now().uploads[0]).toBe(a);
    expect(now().uploads[1]).not.toBe(b);
  });
});

test('renders on a server, idle and empty', () => {
  const uploader = createHandUploader();
  const Page = () => {
    const { status } = useUpload(uploader);
    const { uploads } = useUploads(uploader);
    return createElement('p', null, `${status} ${uploads.length}`);
  };
  expect(renderToString(createElement(Page))).toBe('<p>idle 0</p>');
});
