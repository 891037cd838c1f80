import { createSigning } from '@sluice/console/signing';
import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => vi.unstubAllGlobals());

/** Signing against an API that makes an upload per question, numbered, and remembers what it was asked. */
function setup() {
  const asked: string[] = [];
  const abandoned: string[] = [];
  let now = 0;
  let uploads = 0;
  vi.stubGlobal('fetch', async (url: string | URL, init?: RequestInit) => {
    const { pathname } = new URL(url);
    asked.push(`${init?.method ?? 'GET'} ${pathname}`);
    if (pathname.endsWith('/uppy-sessions')) {
      const token = `session${asked.length}`;
      return Response.json({ token, expiresAt: new Date(now + 3_600_000).toISOString() }, { status: 201 });
    }
    const key = `tenant/upload${++uploads}`;
    return pathname.endsWith('/params')
      ? Response.json({ method: 'POST', url: 'https://s3.example/', fields: { key } })
      : Response.json({ key, uploadId: 'm1', bucket: 'b' });
  });
  const signing = createSigning({
    endpoint: 'https://api.example/stage/',
    token: async () => 'token',
    now: () => now,
    onAbandoned: (id) => abandoned.push(id),
  });
  return {
    signing,
    asked,
    abandoned,
    wait: (milliseconds: number) => {
      now += milliseconds;
    },
    send: (id: string, policy?: string) =>
      signing.sign({
        method: 'PUT',
        key: signing.toKey({ id, name: 'a.png', policy }),
        contentType: 'image/png',
      }),
  };
}

test('asks the bearer routes when no policy was chosen', async () => {
  const { send, asked } = setup();
  await send('f1');
  expect(asked).toEqual(['GET /stage/s3/params']);
});

test('asks by one session per chosen policy, and by another before that ends', async () => {
  const { send, asked, wait } = setup();
  await send('f1', 'documents');
  await send('f2', 'documents');
  wait(3_599_000);
  await send('f3', 'documents');
  expect(asked).toEqual([
    'POST /stage/uppy-sessions',
    'GET /stage/uppy/session1/s3/params',
    'GET /stage/uppy/session1/s3/params',
    'POST /stage/uppy-sessions',
    'GET /stage/uppy/session4/s3/params',
  ]);
});

test('stays with the session of a file when its parts are asked for by the key of the server', async () => {
  const { signing, asked } = setup();
  const key = signing.toKey({ id: 'f1', name: 'a.mp4', policy: 'media' });
  const begun = await signing.sign({ method: 'POST', key });
  const listed = await signing.sign({ method: 'GET', key: begun.key ?? '', uploadId: 'm1' });
  expect(asked).toEqual(['POST /stage/uppy-sessions', 'POST /stage/uppy/session1/s3/multipart']);
  expect(listed.url).toContain('/stage/uppy/session1/s3/multipart/m1?');
});

test('gives up the upload that a file began with when it is begun anew', async () => {
  const { send, abandoned } = setup();
  await send('f1');
  await send('f2');
  await send('f1');
  expect(abandoned).toEqual(['upload1']);
});

test('gives up the upload of a file that is removed, once, and not of one that has arrived', async () => {
  const { send, signing, abandoned } = setup();
  await send('f1');
  await send('f2');
  signing.forget('f1');
  for (const file of ['f1', 'f2', 'f2', 'unknown']) signing.abandon(file);
  expect(abandoned).toEqual(['upload2']);
});
