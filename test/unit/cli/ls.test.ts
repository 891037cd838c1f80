import type { RequestListener } from 'node:http';
import { describe, expect, test } from 'vitest';
import { pemPath, serve } from '../connection/servers/server.ts';
import { answer, openStorage, SECRET } from './storage-shell.ts';

const setup = openStorage;

function listing(keys: readonly string[], more = '') {
  return `<ListBucketResult>${keys
    .map(
      (key) =>
        `<Contents><Key>${key}</Key><Size>2048</Size><LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents>`,
    )
    .join('')}${more}</ListBucketResult>`;
}

describe('sluice ls', () => {
  test("takes the AWS CLI's names for its own, and an authority to trust", async () => {
    await using server = await serve((_request, response) => response.end('<ListBucketResult/>'), 'server');
    await using world = await openStorage();
    const argv = ['ls', 's3://bucket', '--endpoint-url', server.url];
    const timeouts = ['--cli-connect-timeout=5', '--cli-read-timeout', '5'];
    expect(await world.run([...argv, ...timeouts])).toMatchObject({
      code: 3,
      err: expect.stringContaining('SSLError'),
    });
    expect((await world.run([...argv, '--ca-bundle', pemPath('authority.pem'), ...timeouts])).code).toBe(0);
    const missing = await world.run([...argv, '--ca-bundle', '/nowhere.pem']);
    expect(missing.err).toContain('/nowhere.pem');
  });

  test('pays for the calls that list and delete, when it is told to', async () => {
    const payers: unknown[] = [];
    const note =
      (body: string): RequestListener =>
      (request, response) => {
        payers.push([request.method, request.headers['x-amz-request-payer']]);
        response.writeHead(200, { 'content-type': 'application/xml' }).end(body);
      };
    await using world = await openStorage({
      'GET /bucket': note('<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>'),
      'POST /bucket': note('<DeleteResult/>'),
    });
    const paying = ['--request-payer', 'requester'];
    expect((await world.s3(['ls', 's3://bucket', ...paying])).code).toBe(0);
    expect((await world.s3(['rm', '-r', '-y', 's3://bucket', ...paying])).code).toBe(0);
    expect((await world.s3(['rm', 's3://bucket/a', ...paying])).code).toBe(0);
    expect(payers.flat()).toEqual(['GET', 'GET', 'POST', 'POST'].flatMap((method) => [method, 'requester']));
    expect((await world.s3(['ls', 's3://bucket', '--request-payer', 'me'])).code).toBe(2);
  });

  test('lists buckets', async () => {
    const body =
      '<ListAllMyBucketsResult><Buckets><Bucket><Name>one</Name><CreationDate>2026-01-02T03:04:05.000Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>';
    await using world = await setup({ 'GET /?': answer(200, body) });
    const { code, out } = await world.s3(['ls']);
    expect(out).toBe('2026-01-02 03:04  s3://one\n');
    expect(code).toBe(0);
  });

  test('lists folders and objects below a prefix, and counts them', async () => {
    const folder = '<CommonPrefixes><Prefix>a/b/</Prefix></CommonPrefixes>';
    await using world = await setup({ 'GET /bucket': answer(200, listing(['a/c.txt'], folder)) });
    const { out, err } = await world.s3(['ls', 's3://bucket/a/']);
    expect(out).toBe(`${' '.repeat(31)}a/b/\n      2 KiB  2026-01-02 03:04  a/c.txt\n`);
    expect(err).toBe('1 folder, 1 object, 2 KiB\n');
    expect(world.store.seen[0]).toContain('delimiter=%2F');
    expect(world.store.seen[0]).toContain('prefix=a%2F');
  });

  test('asks for no folders with --recursive, and writes a line of JSON each with --json', async () => {
    await using world = await setup({ 'GET /bucket': answer(200, listing(['a', 'b'])) });
    const { out, err } = await world.s3(['ls', '-r', 's3://bucket', '--json']);
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(
      ['a', 'b'].map((key) => ({ kind: 'object', key, bytes: 2048, modifiedAt: '2026-01-02T03:04:05.000Z' })),
    );
    expect(err).toBe('');
    expect(world.store.seen[0]).not.toContain('delimiter');
  });

  test.each([
    ['ls', 's3://bucket'],
    ['rm', '--recursive', '--yes', 's3://bucket/a/'],
  ])('%s ends at Ctrl-C while the store sends page after page without an end', async (...argv) => {
    let page = 0;
    const stop = new AbortController();
    await using world = await setup({
      'GET /bucket': (request, response) => {
        page += 1;
        if (page === 20) setTimeout(() => stop.abort(), 0);
        const more = `<IsTruncated>true</IsTruncated><NextContinuationToken>${page}</NextContinuationToken>`;
        answer(200, listing([], more))(request, response);
      },
    });
    const { code, err } = await world.s3(argv, { signal: stop.signal });
    expect(err).toContain('Stopped.');
    expect(code).toBe(130);
  });

  test('fails when the store sends the same page without an end', async () => {
    const more = '<IsTruncated>true</IsTruncated><NextContinuationToken>same</NextContinuationToken>';
    await using world = await setup({ 'GET /bucket': answer(200, listing(['a'], more)) });
    const { code, err } = await world.s3(['ls', 's3://bucket']);
    expect(err).toContain('(response-streaming)');
    expect(code).toBe(3);
  });

  test('cannot be made to move the cursor by a key', async () => {
    await using world = await setup({ 'GET /bucket': answer(200, listing(['a&#155;2Jb'])) });
    expect((await world.s3(['ls', 's3://bucket'])).out).toContain('a\ufffd2Jb');
  });

  test('tells class, code, what S3 said and what to do when it is refused, and no secret', async () => {
    const refusal = '<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>';
    await using world = await setup({ 'GET /': answer(403, refusal, { 'x-amz-request-id': 'R9' }) });
    const { code, err } = await world.s3(['ls', 's3://bucket']);
    expect(err).toBe(
      'sluice: AccessDeniedError (403 SignatureDoesNotMatch): no (access-denied)\n' +
        'Correct the keys: they are not known here, or the secret is not theirs. `sluice explain` shows where they come from.\n',
    );
    expect(code).toBe(3);

    const json = await world.s3(['ls', 's3://bucket', '--json', '--debug']);
    expect(JSON.parse(json.err.trim().split('\n').at(-1) ?? '')).toMatchObject({
      error: { code: 'access-denied', requestId: 'R9' },
    });
    expect(json.err).not.toContain(SECRET);
    expect(json.err).not.toContain('AKIAEXAMPLE1234');
  });

  test('writes a line for each call with --debug, of these fields and no others', async () => {
    await using world = await setup({ 'GET /bucket': answer(200, listing([])) });
    const { err } = await world.s3(['ls', 's3://bucket', '--debug']);
    expect(JSON.parse(err.split('\n')[0] ?? '')).toEqual({
      message: 'aws call',
      operation: 'ListObjectsV2',
      bucket: 'bucket',
      status: 200,
      attempts: 1,
      ms: expect.any(Number),
      socketReused: false,
    });
  });
});

describe('sluice rm', () => {
  const deleted = '<DeleteResult/>';

  test('deletes one object', async () => {
    await using world = await setup({ 'POST /bucket': answer(200, deleted) });
    const { code, out } = await world.s3(['rm', 's3://bucket/a b.txt']);
    expect(out).toBe('s3://bucket/a b.txt  deleted\n');
    expect(world.store.seen).toHaveLength(1);
    expect(code).toBe(0);
  });

  test('asks for nothing of S3 and exits 2 when --recursive is neither confirmed nor confirmable', async () => {
    await using world = await setup();
    const { code, err } = await world.s3(['rm', '-r', 's3://bucket']);
    expect(err).toContain('--yes');
    expect(world.store.seen).toEqual([]);
    expect(code).toBe(2);
  });

  test.each([['s3://bucket'], ['s3://bucket/logs/'], ['bucket/key'], ['s3://']])(
    'refuses %s without --recursive',
    async (place) => {
      await using world = await setup();
      expect((await world.s3(['rm', place])).code).toBe(2);
      expect(world.store.seen).toEqual([]);
    },
  );

  test('counts, asks, and deletes nothing unless the answer is yes', async () => {
    await using world = await setup({ 'GET /bucket': answer(200, listing(['logs/a', 'logs/b'])) });
    const questions: string[] = [];
    const ask = async (question: string) => {
      questions.push(question);
      return 'maybe';
    };
    const { code } = await world.s3(['rm', '-r', 's3://bucket/logs'], { ask });
    expect(questions).toEqual(['Delete 2 objects (4 KiB) below s3://bucket/logs/? [y/N] ']);
    expect(world.store.seen.map((one) => one.split(' ')[0])).toEqual(['GET']);
    expect(code).toBe(0);
  });

  test('means the folder and not its namesakes with --recursive, and tells how many are gone', async () => {
    await using world = await setup({
      'GET /bucket': answer(200, listing(['logs/a', 'logs/b'])),
      'POST /bucket': answer(200, deleted),
    });
    const { code, out } = await world.s3(['rm', '-r', 's3://bucket/logs', '--yes', '--json']);
    expect(world.store.seen[0]).toContain('prefix=logs%2F');
    expect(JSON.parse(out)).toEqual({ place: 's3://bucket/logs/', deleted: 2 });
    expect(code).toBe(0);
  });

  test('exits 3 when S3 answers 200 and deleted not all', async () => {
    const partly =
      '<DeleteResult><Error><Key>logs/a</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>';
    await using world = await setup({ 'POST /bucket': answer(200, partly) });
    const { code, err } = await world.s3(['rm', 's3://bucket/logs/a']);
    expect(err).toContain('logs/a was not deleted');
    expect(code).toBe(3);
  });
});
