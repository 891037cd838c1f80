import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { listBuckets } from '@sluice/connection/buckets/list';
import { listObjects } from '@sluice/connection/buckets/objects';
import { copyObject } from '@sluice/connection/transfers/copy';
import { downloadFile, downloadStream } from '@sluice/connection/transfers/download';
import { uploadBytes } from '@sluice/connection/transfers/upload';
import { describe, expect, test } from 'vitest';
import { setup as setupClient } from './servers/client.ts';
import { serve } from './servers/server.ts';

const content = Buffer.from('not empty');
const partBytes = 5 * 2 ** 20;

/** What the store answers, by call; a field that is undefined is left out. */
type Answers = {
  readonly head?: Readonly<Record<string, string | undefined>>;
  readonly get?: Readonly<Record<string, string | undefined>>;
  readonly put?: Readonly<Record<string, string | undefined>>;
  readonly part?: Readonly<Record<string, string | undefined>>;
  readonly begun?: string;
  readonly completed?: string;
  readonly copied?: string;
  readonly partCopied?: string;
  readonly listed?: string;
  readonly bytes?: number;
};

function present(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
function md5(bytes: Buffer) {
  return createHash('md5').update(bytes).digest('hex');
}

async function setup(answers: Answers) {
  const folder = mkdtempSync(join(tmpdir(), 'odd-'));
  const path = join(folder, 'kept');
  writeFileSync(path, 'what was there before');
  const conditions: unknown[] = [];
  const etags: string[] = [];
  const server = await serve(async (request: IncomingMessage, response: ServerResponse) => {
    const { method, url = '', headers } = request;
    const body = await buffer(request);
    const xml = (text: string) => response.writeHead(200, { 'content-type': 'application/xml' }).end(text);
    conditions.push(headers['if-match'] ?? headers['x-amz-copy-source-if-match']);
    if (method === 'HEAD') {
      const ofParts = `"${md5(Buffer.concat(etags.map((etag) => Buffer.from(etag, 'hex'))))}-${etags.length}"`;
      const fields = {
        etag: etags.length > 0 ? ofParts : '"e"',
        'content-length': String(answers.bytes ?? content.length),
      };
      const sent = present({ ...fields, ...answers.head });
      // Without a length Node ends it by closing, as a store that does not know it does.
      return response
        .writeHead(200, 'content-length' in sent ? sent : { ...sent, connection: 'close' })
        .end();
    }
    if (method === 'GET' && /[?&](list-type|max-buckets)/.test(url)) return xml(answers.listed ?? '');
    if (method === 'GET') {
      const fields = { etag: '"e"', 'content-length': String(content.length), ...answers.get };
      return response.writeHead(200, present(fields)).end(content);
    }
    if (method === 'POST' && url.includes('uploads'))
      return xml(answers.begun ?? '<R><UploadId>U</UploadId></R>');
    if (method === 'POST') return xml(answers.completed ?? '<R><ETag>"made"</ETag></R>');
    if (method === 'DELETE') return response.writeHead(204).end();
    if (url.includes('partNumber') && headers['x-amz-copy-source'])
      return xml(answers.partCopied ?? '<R><ETag>"p"</ETag></R>');
    if (headers['x-amz-copy-source']) return xml(answers.copied ?? '<R><ETag>"c"</ETag></R>');
    if (url.includes('partNumber')) {
      etags.push(md5(body));
      return response.writeHead(200, present({ etag: `"${md5(body)}"`, ...answers.part })).end();
    }
    return response.writeHead(200, present({ etag: '"e"', ...answers.put })).end();
  });
  const { client } = setupClient(server.url, { requestChecksumCalculation: 'WHEN_REQUIRED' });
  const object = { client, bucket: 'b', key: 'k' };
  return {
    path,
    conditions,
    client,
    download: () => downloadFile({ ...object, path }),
    stream: async () => buffer((await downloadStream(object)).body),
    upload: () => uploadBytes({ ...object, bytes: content }),
    uploadParts: () =>
      uploadBytes({
        ...object,
        bytes: Buffer.alloc(partBytes + 1),
        thresholdBytes: 1,
        partBytes,
        concurrency: 1,
      }),
    copy: () => copyObject({ client, source: { bucket: 'b', key: 'k' }, target: { bucket: 'b', key: 'to' } }),
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true });
      await server[Symbol.asyncDispose]();
    },
  };
}

async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of list) items.push(item);
  return items;
}
const noBody = { 'content-length': undefined };

describe('what a HEAD leaves out', () => {
  test.each<[what: string, head: Answers['head']]>([
    ['a length', noBody],
    ['a length that is known', { 'content-length': '0' }],
    ['quotes', { etag: 'e' }],
    ['the strength of its ETag', { etag: 'W/"e"' }],
    ['a type', { 'content-type': undefined }],
    ['a type that is not empty', { 'content-type': '' }],
  ])('is no value: without %s all bytes arrive, in a file, a stream and a copy', async (_what, head = {}) => {
    await using odd = await setup({ head });
    expect(await odd.download()).toMatchObject({ bytes: content.length, etag: '"e"' });
    expect(readFileSync(odd.path)).toEqual(content);
    expect(await odd.stream()).toEqual(content);
    expect(await odd.copy()).toMatchObject({ bytes: content.length });
    expect(new Set(odd.conditions)).toEqual(new Set([undefined, '"e"']));
  });

  test.each<[what: string, answers: Answers, message: string]>([
    ['an ETag', { head: { etag: undefined } }, 'has no ETag'],
    ['an ETag that is not empty', { head: { etag: '' } }, 'has no ETag'],
    ['anything between the quotes', { head: { etag: '""' } }, 'has no ETag'],
    [
      'a length, and the GET too',
      { head: noBody, get: { 'content-length': undefined } },
      'neither HEAD nor GET says how long',
    ],
  ])('fails before anything is touched: %s', async (_what, answers, message) => {
    await using odd = await setup(answers);
    await expect(odd.download()).rejects.toThrow(message);
    await expect(odd.stream()).rejects.toThrow(message);
    await expect(odd.copy()).rejects.toThrow(message);
    expect(readFileSync(odd.path, 'utf8')).toBe('what was there before');
  });

  test('is not asked for twice when the object is empty, as its ETag says', async () => {
    await using odd = await setup({
      head: { 'content-length': '0', etag: 'd41d8cd98f00b204e9800998ecf8427e' },
    });
    expect(await odd.download()).toMatchObject({ bytes: 0 });
    expect(odd.conditions).toEqual([undefined]);
  });
});

describe('what a store leaves out of its answer to a write', () => {
  test.each<[what: string, call: 'upload' | 'uploadParts' | 'copy', answers: Answers, etag: string]>([
    ['the quotes of a PUT', 'upload', { put: { etag: 'e' } }, '"e"'],
    ['the ETag of a PUT', 'upload', { put: { etag: undefined } }, ''],
    ['the quotes of parts', 'uploadParts', { part: { etag: 'abc' } }, '"made"'],
    ['the quotes of the whole', 'uploadParts', { completed: '<R><ETag>made</ETag></R>' }, '"made"'],
    ['the quotes of a copy', 'copy', { copied: '<R><ETag>c</ETag></R>' }, '"c"'],
  ])('%s does not make it fail', async (_what, call, answers, etag) => {
    await using odd = await setup(answers);
    expect(await odd[call]()).toMatchObject({ etag });
  });

  test.each<[what: string, completed: string]>([
    ['an ETag', '<R/>'],
    ['an ETag that is not empty', '<R><ETag></ETag></R>'],
  ])('is looked up when a completion lacks %s', async (_what, completed) => {
    await using odd = await setup({ completed, bytes: partBytes + 1 });
    expect((await odd.uploadParts()).etag).toMatch(/^"[0-9a-f]{32}-2"$/);
  });

  test.each<[what: string, call: 'uploadParts' | 'copy', answers: Answers]>([
    ['the id of an upload', 'uploadParts', { begun: '<R/>' }],
    ['an id that is not empty', 'uploadParts', { begun: '<R><UploadId></UploadId></R>' }],
    ['the ETag of a part', 'uploadParts', { part: { etag: undefined } }],
    ['an ETag that is not empty', 'uploadParts', { part: { etag: '' } }],
    ['the completion, of another object', 'uploadParts', { completed: '<R/>', head: { etag: '"other"' } }],
    ['all of the completion', 'uploadParts', { completed: '' }],
    ['the ETag of a copy', 'copy', { copied: '<R/>' }],
    ['an ETag of a copy that is not empty', 'copy', { copied: '<R><ETag></ETag></R>' }],
    ['the id of a copy by parts', 'copy', { bytes: 6 * 2 ** 30, begun: '<R/>' }],
    ['the ETag of a part that is copied', 'copy', { bytes: 6 * 2 ** 30, partCopied: '<R/>' }],
    ['the ETag of a copy by parts', 'copy', { bytes: 6 * 2 ** 30, completed: '<R/>' }],
  ])('ends in an error that may be tried again: %s', async (_what, call, answers) => {
    await using odd = await setup(answers);
    await expect(odd[call]()).rejects.toMatchObject({ name: 'UploadFailedError', retryable: true });
  });
});

test.each(['<R/>', '<R><Contents/><CommonPrefixes/></R>', '<R><Contents><Key></Key></Contents></R>'])(
  'a list that names nothing is empty: %s',
  async (listed) => {
    await using odd = await setup({ listed });
    expect(await all(listObjects({ client: odd.client, bucket: 'b' }))).toEqual([]);
  },
);

test.each(['<R/>', '<R><Buckets/></R>', '<R><Buckets><Bucket/></Buckets></R>'])(
  'a list of buckets that names none is empty: %s',
  async (listed) => {
    await using odd = await setup({ listed });
    expect(await all(listBuckets(odd.client))).toEqual([]);
  },
);
