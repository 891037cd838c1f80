import type { IncomingMessage } from 'node:http';
import { emptyBucket } from '@sluice/connection/buckets/empty';
import { listBuckets } from '@sluice/connection/buckets/list';
import { listObjects } from '@sluice/connection/buckets/objects';
import { readPages } from '@sluice/connection/pages';
import { listParts } from '@sluice/connection/transfers/list-parts';
import { describeSource } from '@sluice/connection/transfers/source-object';
import { describe, expect, test } from 'vitest';
import { createMultipart } from '../../../src/lib/aws/multipart.ts';
import { setup as setupClient, type TestClient } from './servers/client.ts';
import { serve } from './servers/server.ts';

type Client = TestClient['client'];

/** One call of S3 that answers in pages, and every reader of it. */
type Listing = {
  readonly name: string;
  readonly isAsked: (request: IncomingMessage) => boolean;
  /** what `reads` gives for a last page that AWS sends with a marker beside `IsTruncated: false` */
  readonly last: string;
  readonly truncated: string;
  readonly read: (client: Client, signal?: AbortSignal) => Promise<unknown>;
};

async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of list) items.push(item);
  return items;
}

const PARTS = '<Part><PartNumber>1</PartNumber><Size>9</Size><ETag>"e"</ETag></Part>';
const upload = { Bucket: 'bucket', Key: 'key', UploadId: 'U1' };
function asks(word: string) {
  return (request: IncomingMessage) => request.url?.includes(word) === true;
}

const LISTINGS: readonly Listing[] = [
  {
    name: 'parts of a multipart upload',
    isAsked: asks('uploadId=U1'),
    last: `<ListPartsResult><NextPartNumberMarker>1</NextPartNumberMarker><IsTruncated>false</IsTruncated>${PARTS}</ListPartsResult>`,
    truncated:
      '<ListPartsResult><NextPartNumberMarker>0</NextPartNumberMarker><IsTruncated>true</IsTruncated></ListPartsResult>',
    read: (client, signal) => all(listParts(client, upload, signal)),
  },
  {
    name: 'parts that have arrived',
    isAsked: asks('uploadId=U1'),
    last: '<ListPartsResult><NextPartNumberMarker>0</NextPartNumberMarker><IsTruncated>false</IsTruncated></ListPartsResult>',
    truncated:
      '<ListPartsResult><NextPartNumberMarker>7</NextPartNumberMarker><IsTruncated>true</IsTruncated></ListPartsResult>',
    read: (client) => createMultipart(client, 'bucket').list({ key: 'key', uploadId: 'U1' }),
  },
  {
    name: 'objects',
    isAsked: asks('list-type=2'),
    last: '<ListBucketResult><NextContinuationToken>t</NextContinuationToken><IsTruncated>false</IsTruncated></ListBucketResult>',
    truncated:
      '<ListBucketResult><NextContinuationToken>t</NextContinuationToken><IsTruncated>true</IsTruncated></ListBucketResult>',
    read: (client, signal) => all(listObjects({ client, bucket: 'bucket', ...(signal && { signal }) })),
  },
  {
    name: 'buckets',
    isAsked: asks('max-buckets'),
    last: '<ListAllMyBucketsResult><Buckets/><ContinuationToken></ContinuationToken></ListAllMyBucketsResult>',
    truncated:
      '<ListAllMyBucketsResult><Buckets/><ContinuationToken>t</ContinuationToken></ListAllMyBucketsResult>',
    read: (client, signal) => all(listBuckets(client, signal)),
  },
  {
    name: 'versions that are to be deleted',
    isAsked: asks('versions'),
    last: '<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>',
    truncated:
      '<ListVersionsResult><IsTruncated>true</IsTruncated><Version><Key>k</Key><VersionId>v</VersionId></Version></ListVersionsResult>',
    read: (client, signal) => emptyBucket({ client, bucket: 'bucket', ...(signal && { signal }) }),
  },
  {
    name: 'uploads that are to be aborted',
    isAsked: asks('uploads'),
    last: '<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>',
    truncated: '<ListMultipartUploadsResult><IsTruncated>true</IsTruncated></ListMultipartUploadsResult>',
    read: (client, signal) => emptyBucket({ client, bucket: 'bucket', ...(signal && { signal }) }),
  },
];

const COMPOSITE = { 'content-length': '9', etag: '"e"', 'x-amz-checksum-crc32': 'AAAAAA==-2' };

/** An S3 that answers this one list as `answer` says, and everything else with an empty success. */
async function setup({ isAsked }: Pick<Listing, 'isAsked'>, answer: () => string) {
  let asked = 0;
  const server = await serve((request, response) => {
    if (request.method === 'HEAD') return void response.writeHead(200, COMPOSITE).end();
    const isList = request.method === 'GET' && isAsked(request);
    if (isList) asked += 1;
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end(isList ? answer() : '<Result/>');
  });
  const { client, failed } = setupClient(server.url);
  return {
    client,
    failed,
    asked: () => asked,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe.each(LISTINGS)('a list of $name', ({ read, last, truncated, ...listing }) => {
  test('ends with the page that says it is the last, whatever marker comes with it', async () => {
    await using store = await setup(listing, () => last);
    await read(store.client);
    expect(store.asked()).toBe(1);
  });

  test('fails when the store sends the same page again and again', async () => {
    await using store = await setup(listing, () => truncated);
    const { error } = await store.failed(read(store.client));
    expect(error).toMatchObject({ code: 'response-streaming' });
    expect(store.asked()).toBeLessThanOrEqual(2);
  });
});

describe.each(LISTINGS.filter(({ read }) => read.length > 1))(
  'a list of $name that never ends',
  ({ read, truncated, ...listing }) => {
    test('ends when it is stopped', async () => {
      let page = 0;
      const stop = new AbortController();
      // Ever new markers, keys and versions: no guard could tell it from a very long list.
      await using store = await setup(listing, () => {
        page += 1;
        if (page === 5) setTimeout(() => stop.abort(), 0);
        return truncated
          .replaceAll(/>(t|0|k)</g, `>${page}<`)
          .replace(
            '</ListMultipart',
            `<Upload><Key>k${page}</Key><UploadId>U</UploadId></Upload></ListMultipart`,
          );
      });
      const { error } = await store.failed(read(store.client, stop.signal));
      expect(error).toMatchObject({ code: 'aborted' });
      expect(page).toBeGreaterThanOrEqual(5);
    });
  },
);

describe('the sizes of the parts of an object', () => {
  const page = (marker: string, isTruncated: boolean) =>
    `<GetObjectAttributesResponse><ObjectParts><IsTruncated>${isTruncated}</IsTruncated>` +
    `<NextPartNumberMarker>${marker}</NextPartNumberMarker><Part><PartNumber>1</PartNumber><Size>9</Size></Part>` +
    '</ObjectParts></GetObjectAttributesResponse>';
  const isAsked = asks('?attributes');
  const name = { bucket: 'bucket', key: 'key' };

  test('end with the page that says it is the last', async () => {
    await using store = await setup({ isAsked }, () => page('1', false));
    expect(await describeSource(store.client, name, undefined)).toMatchObject({ partBytes: [9] });
    expect(store.asked()).toBe(1);
  });

  test('are done without when the store sends the same page again and again', async () => {
    await using store = await setup({ isAsked }, () => page('1', true));
    const source = await describeSource(store.client, name, undefined);
    expect(source).toMatchObject({ partBytes: [], checksum: undefined });
    expect(store.asked()).toBe(2);
  });
});

describe('pages', () => {
  const setupPages = (markers: readonly (string | undefined)[]) => {
    const asked: (string | undefined)[] = [];
    const pages = readPages<string | undefined>(
      async (marker) => {
        asked.push(marker);
        return markers[(asked.length - 1) % markers.length];
      },
      (marker) => marker,
    );
    return { asked, pages };
  };

  test('are each asked for with the marker of the one before', async () => {
    const { asked, pages } = setupPages(['a', 'b', 'c', undefined]);
    await all(pages);
    expect(asked).toEqual([undefined, 'a', 'b', 'c']);
  });

  test.each([1, 2, 3, 7, 20])('are refused when they go round in a circle of %i', async (length) => {
    const { asked, pages } = setupPages(Array.from({ length }, (_, index) => String(index)));
    await expect(all(pages)).rejects.toThrow('circle');
    expect(asked.length).toBeLessThanOrEqual(4 * length);
  });

  test('are not read on when nobody wants more', async () => {
    const { asked, pages } = setupPages(['a', 'b', undefined]);
    for await (const _page of pages) break;
    expect(asked).toHaveLength(1);
  });
});
