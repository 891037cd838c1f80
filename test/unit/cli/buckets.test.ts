import { writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { answer, openStorage } from './storage-shell.ts';

const setup = openStorage;
const missing = answer(404, '<Error><Code>NoSuchBucket</Code></Error>');
const refused = answer(501, '<Error><Code>NotImplemented</Code><Message>not here</Message></Error>');

describe('sluice mb at a store that lacks something', () => {
  const without = (aspect: string) => ({
    [`PUT /bucket/?${aspect}`]: refused,
    [`PUT /bucket?${aspect}`]: refused,
    'PUT /bucket': answer(200),
    'GET /bucket': missing,
  });

  test('names what failed, what is done, and how to go on, having done the rest', async () => {
    await using world = await setup(without('encryption'));
    const { code, err } = await world.s3(['mb', 's3://bucket', '--versioning']);
    expect(err).toContain('s3://bucket is there, but not as it was to be: encryption failed (not here)');
    expect(err).toContain('done: public-access, versioning, lifecycle');
    expect(err).toMatch(/another store.*Mend the cause and run it again/);
    expect(err).not.toContain('fault of sluice');
    expect(world.store.seen.some((one) => one.startsWith('PUT') && one.includes('lifecycle'))).toBe(true);
    expect(code).toBe(3);
  });

  test('lets objects be locked when it is told to, once the bucket keeps versions', async () => {
    await using world = await setup(without('encryption'));
    const argv = ['mb', 's3://bucket', '--object-lock', '--without', 'encryption'];
    expect((await world.s3(argv)).code).toBe(0);
    const made = world.store.seen.flatMap(
      (one) => /^PUT \/bucket\/?\?(versioning|object-lock)/.exec(one)?.[1] ?? [],
    );
    expect(made).toEqual(['versioning', 'object-lock']);
  });

  test('leaves out what it is told to', async () => {
    await using world = await setup(without('encryption'));
    const argv = ['mb', 's3://bucket', '--without', 'encryption', '--without', 'lifecycle'];
    const { code } = await world.s3(argv);
    expect(world.store.seen.filter((one) => /^PUT.*(encryption|lifecycle)/.test(one))).toEqual([]);
    expect(code).toBe(0);
  });

  test('completes a bucket whose aspects cannot be read, without them', async () => {
    const there = {
      'GET /bucket/?publicAccessBlock': refused,
      'GET /bucket?publicAccessBlock': refused,
      'GET /bucket/?policy': answer(200, ''),
      'GET /bucket': answer(200, '<X/>'),
      'PUT /bucket': answer(200),
    };
    await using world = await setup(there);
    const named = await world.s3(['mb', 's3://bucket', '--region', 'us-east-1']);
    expect([named.code, named.err]).toEqual([3, expect.stringContaining('public-access failed')]);
    const argv = ['mb', 's3://bucket', '--region', 'us-east-1', '--without', 'public-access'];
    expect((await world.s3(argv)).code).toBe(0);
  });

  test('refuses an aspect that it does not know, by the names of all', async () => {
    await using world = await setup();
    const { code, err } = await world.s3(['mb', 's3://bucket', '--without', 'tls']);
    expect([code, err]).toEqual([2, expect.stringContaining('public-access, encryption')]);
  });
});

describe('sluice rb', () => {
  test('removes an empty bucket, and counts one that is gone as removed', async () => {
    await using world = await setup({ 'DELETE /bucket': answer(204), 'DELETE /gone': missing });
    expect((await world.s3(['rb', 's3://bucket'])).out).toBe('s3://bucket  removed\n');
    expect(world.store.seen.map((one) => one.split(' ')[0])).toEqual(['DELETE']);
    expect((await world.s3(['rb', 's3://gone'])).code).toBe(0);
  });

  test('leaves one with anything in it alone, and says so', async () => {
    const full = answer(409, '<Error><Code>BucketNotEmpty</Code><Message>not empty</Message></Error>');
    await using world = await setup({ 'DELETE /bucket': full });
    const { code, err } = await world.s3(['rb', 's3://bucket']);
    expect([code, err]).toEqual([3, expect.stringContaining('BucketNotEmpty')]);
  });

  test('empties it only when that was confirmed', async () => {
    await using world = await setup();
    expect((await world.s3(['rb', '-r', 's3://bucket'])).code).toBe(2);
    const { code } = await world.s3(['rb', '-r', 's3://bucket'], { ask: async () => 'no' });
    expect([code, world.store.seen]).toEqual([0, []]);
  });

  test('deletes keys that XML cannot carry, one by one, with the versions of all', async () => {
    const bodies: string[] = [];
    const remove: RequestListener = async (request, response) => {
      bodies.push(await text(request));
      response.writeHead(200, { 'content-type': 'application/xml' }).end('<DeleteResult/>');
    };
    const versions = ['a%01b', 'plain+key%2B', 'line%0Aend'].map(
      (key) => `<Version><Key>${key}</Key><VersionId>v</VersionId></Version>`,
    );
    const list = `<X><EncodingType>url</EncodingType>${versions.join('')}</X>`;
    const listed: RequestListener = (request, response) =>
      answer(200, request.url?.includes('versions') ? list : '<X/>')(request, response);
    await using world = await setup({
      'GET /bucket': listed,
      'POST /bucket': remove,
      'DELETE /bucket': answer(204),
    });
    const { code, out } = await world.s3(['rb', '-r', '-y', 's3://bucket', '--json']);
    expect([code, JSON.parse(out)]).toEqual([0, { bucket: 'bucket', deleted: 3 }]);
    const deletes = world.store.seen
      .filter((one) => one.startsWith('DELETE'))
      .map((one) => one.split('?')[0]);
    expect(deletes).toEqual([
      'DELETE /bucket/a%01b',
      'DELETE /bucket/line%0Aend',
      expect.stringMatching(/^DELETE \/bucket\/?$/),
    ]);
    expect(bodies.join()).toContain('<Key>plain key+</Key>');
    expect(
      world.store.seen
        .filter((one) => one.startsWith('GET'))
        .every((one) => one.includes('encoding-type=url')),
    ).toBe(true);
  });
});

describe('sluice rm --dry-run', () => {
  const listing =
    '<X><Contents><Key>logs/a</Key><Size>2048</Size></Contents><Contents><Key>logs/b</Key><Size>1</Size></Contents></X>';

  test('lists what would be deleted, and deletes nothing', async () => {
    await using world = await setup({ 'GET /bucket': answer(200, listing) });
    const { code, out, err } = await world.s3(['rm', '-r', '--dry-run', 's3://bucket/logs']);
    expect(out).toBe('s3://bucket/logs/a\ns3://bucket/logs/b\n');
    expect(err).toBe('2 objects (2 KiB) would be deleted.\n');
    expect(world.store.seen.map((one) => one.split(' ')[0])).toEqual(['GET']);
    expect(code).toBe(0);
  });

  test('tells both in one line of JSON, and is for folders alone', async () => {
    await using world = await setup({ 'GET /bucket': answer(200, listing) });
    const { out } = await world.s3(['rm', '-r', '--dry-run', 's3://bucket/logs', '--json']);
    expect(JSON.parse(out)).toEqual({ place: 's3://bucket/logs/', objects: 2, bytes: 2049 });
    expect((await world.s3(['rm', '--dry-run', 's3://bucket/logs/a'])).code).toBe(2);
  });
});

describe('sluice cp --checksum-algorithm', () => {
  test('takes one of the ten in any spelling, for uploads alone', async () => {
    const names: string[] = [];
    const keep: RequestListener = async (request, response) => {
      names.push(...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-checksum')));
      await text(request);
      response.writeHead(200, { etag: '"e"' }).end();
    };
    await using world = await setup({ 'PUT /bucket': keep });
    await writeFile(world.file('a'), 'bytes');
    for (const name of ['sha-512', 'XXHASH3'])
      expect((await world.s3(['cp', 'a', 's3://bucket/a', '--checksum-algorithm', name])).code).toBe(0);
    expect(names).toEqual(['x-amz-checksum-sha512', 'x-amz-checksum-xxhash3']);
    const wrong = await world.s3(['cp', 'a', 's3://bucket/a', '--checksum-algorithm', 'rot13']);
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('SHA512, SHA256')]);
    expect((await world.s3(['cp', 's3://bucket/a', 'b', '--checksum-algorithm', 'MD5'])).code).toBe(2);
  });
});
