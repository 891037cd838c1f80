import { writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { answer, openStorage } from './storage-shell.ts';

const setup = openStorage;

/** Where a bucket is, to the letter: the SDK finds no region in less. */
function location(region: string) {
  return answer(
    200,
    `<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${region}</LocationConstraint>`,
  );
}

describe('sluice presign', () => {
  test('writes a URL that is good for as long as was asked, and asks nothing of S3', async () => {
    await using world = await setup();
    const { code, out, err } = await world.s3(['presign', 'get', 's3://bucket/a.txt', '--expires', '15m']);
    const url = new URL(out.trim());
    expect(url.pathname).toBe('/bucket/a.txt');
    expect(url.searchParams.get('X-Amz-Expires')).toBe('900');
    expect(err).toMatch(/^Good until 20\d\d-/);
    expect(world.store.seen).toEqual([]);
    expect(code).toBe(0);
  });

  test("writes boto3's shapes with --json: a string, and url with fields", async () => {
    await using world = await setup();
    const url: unknown = JSON.parse((await world.s3(['presign', 'put', 's3://b-1/a', '--json'])).out);
    expect(url).toEqual(expect.stringContaining('X-Amz-Expires=3600'));
    const form: unknown = JSON.parse((await world.s3(['presign', 'post', 's3://b-1/a', '--json'])).out);
    expect(form).toEqual({
      url: expect.stringMatching(/\/b-1\/?$/),
      fields: expect.objectContaining({ key: 'a', Policy: expect.any(String) }),
    });
  });

  test('signs what has to be sent with a PUT, and tells it', async () => {
    await using world = await setup();
    const options = ['--content-type', 'image/png', '--content-length', '1KiB', '--if-absent'];
    const { out, err } = await world.s3(['presign', 'put', 's3://bucket/a.png', ...options]);
    expect(new URL(out.trim()).searchParams.get('X-Amz-SignedHeaders')).toBe(
      'content-length;content-type;host;if-none-match',
    );
    expect(err).toContain('content-type: image/png, content-length: 1024, if-none-match: *');
  });

  test('limits a form to the bytes that were named', async () => {
    await using world = await setup();
    const { out } = await world.s3(['presign', 'post', 's3://bucket/a', '--max-bytes', '5MiB']);
    const { fields }: { readonly fields: Readonly<Record<string, string>> } = JSON.parse(out);
    const policy = Buffer.from(fields.Policy ?? '', 'base64').toString();
    expect(policy).toContain('["content-length-range",0,5242880]');
  });

  test('takes the ARN of an access point in place of a bucket, with the key after its name', async () => {
    await using world = await setup();
    for (const arn of ['accesspoint/my-ap', 'accesspoint:my-ap']) {
      const place = `s3://arn:aws:s3:eu-central-1:123456789012:${arn}/in/a.txt`;
      const { code, out } = await world.run(['presign', 'get', place]);
      expect([code, out.split('?')[0]]).toEqual([
        0,
        'https://my-ap-123456789012.s3-accesspoint.eu-central-1.amazonaws.com/in/a.txt',
      ]);
    }
  });

  test('does not take --no-sign-request, which other commands do without any keys', async () => {
    await using world = await setup({ 'GET /bucket': answer(200, '<ListBucketResult/>') });
    const unsigned = await world.s3(['presign', 'get', 's3://bucket/a', '--no-sign-request']);
    expect([unsigned.code, unsigned.err]).toEqual([
      2,
      expect.stringContaining('nobody signed opens nothing'),
    ]);
    const listed = await world.runBare([
      ...[
        'ls',
        's3://bucket',
        '--no-sign-request',
        '--region',
        'eu-central-1',
        '--endpoint',
        world.store.url,
      ],
    ]);
    expect([listed.code, listed.err]).toEqual([0, '0 objects, 0 bytes\n']);
    const role = ['--role-arn', 'arn:aws:iam::123456789012:role/r'];
    expect((await world.s3(['ls', 's3://bucket', '--no-sign-request', ...role])).err).toContain('as nobody');
  });

  test.each([
    [[]],
    [['delete', 's3://bucket/a']],
    [['get', 's3://bucket']],
    [['get', 's3://bucket/a', '--content-type', 'image/png']],
    [['post', 's3://bucket/a', '--request-payer', 'requester']],
    [['get', 's3://bucket/a', '--request-payer', 'me']],
    [['post', 's3://bucket/a', '--content-length', '5']],
    [['put', 's3://bucket/a', '--max-bytes', '5']],
    [['put', 's3://bucket/a', '--expires', 'soon']],
    [['put', 's3://bucket/a', '--expires', '0']],
    [['get', 's3://bucket/a', '--expires', '8d']],
    [['get', 's3://bucket/a', '--expires', '604801']],
    [['put', 's3://bucket/a', '--content-length', '5MB']],
  ])('exits 2 when the command line is %j', async (argv) => {
    await using world = await setup();
    expect((await world.s3(['presign', ...argv])).code).toBe(2);
  });

  test('takes the 7 days that S3 allows at most', async () => {
    await using world = await setup();
    const { out } = await world.s3(['presign', 'get', 's3://bucket/a', '--expires', '7d']);
    expect(new URL(out.trim()).searchParams.get('X-Amz-Expires')).toBe('604800');
  });

  test('takes the endpoint under the name that the AWS CLI has for it', async () => {
    await using world = await setup();
    for (const words of [['--endpoint-url', 'http://127.0.0.1:9'], ['--endpoint-url=http://127.0.0.1:9']]) {
      const { out } = await world.run(['presign', 'get', 's3://bucket/a', ...words]);
      expect(out).toContain('http://127.0.0.1:9/bucket/a?');
    }
  });
});

describe('sluice presign, where the keys are at fault', () => {
  const sso =
    '[profile s]\nregion = us-east-1\nsso_session = m\nsso_account_id = 123456789012\nsso_role_name = R\n' +
    '[sso-session m]\nsso_region = us-east-1\nsso_start_url = https://x.awsapps.com/start\n';

  test('says to log in again when single sign-on has ended, and not that it is a fault of its own', async () => {
    await using world = await setup();
    await writeFile(world.file('config'), sso);
    const files = { AWS_CONFIG_FILE: world.file('config'), AWS_EC2_METADATA_DISABLED: 'true' };
    const { code, err } = await world.runBare(['presign', 'get', 's3://bucket/a', '--profile', 's'], files);
    expect(err).toContain('aws sso login');
    expect(err).toContain('Get new keys: log in again');
    expect(err).not.toContain('fault of sluice');
    expect(code).toBe(3);
  });

  test('signs nothing with keys whose end is past, and nothing beyond an end to come', async () => {
    await using world = await setup();
    const argv = ['presign', 'get', 's3://bucket/a', '--expires', '7d'];
    const ended = await world.s3(argv, { env: { AWS_CREDENTIAL_EXPIRATION: '2020-01-01T00:00:00Z' } });
    expect([ended.code, ended.out, ended.err]).toEqual([3, '', expect.stringContaining('ended at 2020')]);
    const end = new Date(Math.floor(Date.now() / 1000) * 1000 + 600_000).toISOString();
    const { err } = await world.s3(argv, { env: { AWS_CREDENTIAL_EXPIRATION: end } });
    expect(err).toBe(`Good until ${end}.\n`);
  });

  test('puts the bucket into the path of an endpoint with a name, unless it is told otherwise', async () => {
    await using world = await setup();
    const argv = ['presign', 'get', 's3://bucket/a', '--endpoint', 'http://minio:9000'];
    const place = async (more: string[], env = {}) =>
      (await world.run([...argv, ...more], { env })).out.split('?')[0];
    expect(await place([])).toBe('http://minio:9000/bucket/a');
    expect(await place(['--addressing-style', 'virtual'])).toBe('http://bucket.minio:9000/a');
    expect(await place([], { AWS_S3_ADDRESSING_STYLE: 'virtual' })).toBe('http://bucket.minio:9000/a');
    expect((await world.run([...argv, '--addressing-style', 'host'])).err).toContain(
      '--addressing-style: "host"',
    );
  });
});

describe('sluice mb', () => {
  test.each([[['*']], [['https://app.example.com/']], [['app.example.com']]])(
    'refuses %j as an origin before anything is made',
    async ([origin = '']) => {
      await using world = await setup();
      expect((await world.s3(['mb', 's3://bucket', '--cors-origin', origin])).code).toBe(2);
      expect(world.store.seen).toEqual([]);
    },
  );

  test.each([
    ['s3://ab', '3 to 63 characters'],
    ['s3://Audit_B', 'lower case'],
    ['s3://-audit', 'begins and ends'],
    ['s3://a..b', 'two dots'],
    ['s3://192.168.0.1', 'IP address'],
    ['s3://bucket/key', 'of the form s3://bucket'],
  ])('refuses the name %s, says why, and asks nobody', async (name, why) => {
    await using world = await setup();
    const { code, err } = await world.s3(['mb', name]);
    expect([code, err]).toEqual([2, expect.stringContaining(why)]);
    expect(world.store.seen).toEqual([]);
  });

  test('makes a bucket that is private, encrypted and cleared of unfinished uploads, and open to calls where there is no TLS', async () => {
    const missing = answer(404, '<Error><Code>NoSuchBucket</Code></Error>');
    await using world = await setup({ 'PUT /bucket': answer(200), 'GET /bucket': missing });
    const { code, out } = await world.s3([
      'mb',
      's3://bucket',
      '--versioning',
      '--cors-origin',
      'https://a.example',
    ]);
    const changes = world.store.seen.filter((one) => one.startsWith('PUT'));
    expect(changes.map((one) => one.replace(/^PUT \/bucket\/?|=$/g, ''))).toEqual([
      '',
      '?publicAccessBlock',
      '?encryption',
      '?versioning',
      '?cors',
      '?lifecycle',
    ]);
    expect(out).toBe('s3://bucket  made, in eu-central-1\n');
    expect(code).toBe(0);
  });

  test('completes a bucket that is there, and keeps its policy, its lifecycle and its encryption', async () => {
    const put: string[] = [];
    const keep: RequestListener = async (request, response) => {
      put.push(`${request.url?.replace(/^.*\?|=$/g, '')} ${await text(request)}`);
      response.end();
    };
    const policy = { Version: '2012-10-17', Id: 'own', Statement: [{ Sid: 'Partner', Effect: 'Allow' }] };
    const get = (aspect: string, xml: string) => ({ [`GET /bucket/?${aspect}`]: answer(200, xml) });
    await using world = await setup({
      'GET /bucket/?location': location('eu-central-1'),
      ...get(
        'encryption',
        '<X><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></X>',
      ),
      ...get('publicAccessBlock', '<X><BlockPublicAcls>false</BlockPublicAcls></X>'),
      ...get('ownership', '<X><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></X>'),
      ...get('policy', JSON.stringify(policy)),
      ...get(
        'lifecycle',
        '<X><Rule><ID>gdpr</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter><Expiration><Days>30</Days></Expiration></Rule></X>',
      ),
      'GET /bucket': answer(200, '<X/>'),
      'PUT /bucket': keep,
    });
    const { code, out } = await world.s3(['mb', 's3://bucket']);
    expect([code, out]).toEqual([0, 's3://bucket  completed, in eu-central-1\n']);
    expect(put).toEqual([
      expect.stringMatching(/^lifecycle .*<Days>30<.*<ID>gdpr<.*<ID>abort-unfinished-uploads</),
    ]);
  });

  test('fails when the bucket is there in another region, which it names, and changes nothing', async () => {
    await using world = await setup({
      'GET /bucket/?location': location('eu-west-1'),
      'GET /bucket': answer(200, '<X/>'),
    });
    const { code, err } = await world.s3(['mb', 's3://bucket', '--region', 'eu-central-1']);
    expect(code).not.toBe(0);
    expect(err).toContain('eu-west-1');
    expect(world.store.seen.filter((one) => !one.startsWith('GET'))).toEqual([]);
  });
});
