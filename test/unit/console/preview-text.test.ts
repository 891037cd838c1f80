import { readPreviewText } from '@sluice/console/preview-text';
import { expect, test } from 'vitest';

function setup(answer: Response | Error) {
  const asked: (string | null)[] = [];
  const fetch = async (_url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    asked.push(new Headers(init?.headers).get('range'));
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, read: () => readPreviewText('https://store.example/1', fetch) };
}

function partial(body: Uint8Array<ArrayBuffer> | string, range: string) {
  return new Response(body, { status: 206, headers: { 'content-range': range } });
}

test('asks for the first 64 KiB and no more', async () => {
  const { asked, read } = setup(partial('all of it', 'bytes 0-8/9'));
  expect(await read()).toBe('all of it');
  expect(asked).toEqual(['bytes=0-65535']);
});

test('says that there is more when the file is longer', async () => {
  expect(await setup(partial('begin', 'bytes 0-4/900')).read()).toBe('begin\n… and so on.');
});

test('leaves out a character that was cut in two', async () => {
  const cut = new TextEncoder().encode('a€').slice(0, 3);
  expect(await setup(partial(cut, 'bytes 0-2/4')).read()).toBe('a\n… and so on.');
});

test.each([
  ['windows-1252', [0x5a, 0x6f, 0xeb, 0x80], 'Zoë€'],
  ['utf-16', [0xff, 0xfe, 0x5a, 0, 0xeb, 0], 'Zë'],
  ['utf-16be', [0, 0x5a, 0, 0xeb], 'Zë'],
])('reads a text as %s where it is served so', async (charset, bytes, text) => {
  const headers = { 'content-range': 'bytes 0-5/6', 'content-type': `text/csv; charset=${charset}` };
  const answer = new Response(Uint8Array.from(bytes), { status: 206, headers });
  expect(await setup(answer).read()).toBe(text);
});

test('shows an empty file, of which there is no first byte, as empty', async () => {
  expect(await setup(new Response(null, { status: 416 })).read()).toBe('');
});

test.each([
  ['the store refuses', new Response('', { status: 403 }), 'StorageError'],
  ['nothing answers', new TypeError('failed to fetch'), 'NetworkError'],
])('rejects with words to show when %s', async (_when, answer, name) => {
  await expect(setup(answer).read()).rejects.toMatchObject({ name });
});
