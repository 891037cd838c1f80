import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { CreateBucketCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { createBucketSigner } from '@sluice/connection/access/presign';
import { downloadFile } from '@sluice/connection/transfers/download';
import { uploadFile } from '@sluice/connection/transfers/upload';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { serveProxy } from '../../unit/connection/servers/proxy.ts';
import { serve } from '../../unit/connection/servers/server.ts';
import { noise, openAccount } from './account.ts';
import { installBoto3, runPython } from './boto3/python.ts';
import { readPairs, runTypeScript } from './boto3/snippets.ts';

beforeAll(installBoto3, 300_000);

/** An account that Python and this process share, and the environment that tells Python so. */
async function setup() {
  const account = await openAccount();
  const { settings, bucket } = account;
  const signer = createBucketSigner(
    { settings, credentials: async () => ({ accessKeyId: 'test', secretAccessKey: 'test' }) },
    bucket,
  );
  const environment = {
    AWS_ENDPOINT_URL: inject('endpoint'),
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'us-east-1',
    BUCKET: bucket,
  };
  const python = (program: string, more: Record<string, string> = {}) =>
    runPython(`import os\nBUCKET = os.environ["BUCKET"]\n${program}`, { ...environment, ...more });
  return { ...account, signer, environment, python, place: { client: account.client, bucket } };
}

const pairs = await readPairs();

/** The keys that the local stack knows, in place of those that the page shows. */
function withTestKeys(program: string) {
  return program.replaceAll(/(["'])(AKIAEXAMPLE|secret)\1/g, (_all, quote) => `${quote}test${quote}`);
}

/** The role that the page assumes, open to those who know its external id. */
const createRole = `
import boto3, json
iam = boto3.client("iam")
try: iam.create_role(RoleName="uploader", AssumeRolePolicyDocument=json.dumps({
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
    "Condition": {"StringEquals": {"sts:ExternalId": "sesame"}},
  }],
}))
except iam.exceptions.EntityAlreadyExistsException: pass`;

describe('docs/from-boto3.md', () => {
  test('has a pair for everything it promises', () => {
    expect(pairs.map(({ heading }) => heading)).toEqual([
      'A client with keys and region',
      'A session with two clients',
      'A role',
      'Time-outs and attempts',
      'Errors',
      'Upload and download',
      'Parameters of a transfer',
      'Streams, and a limit to the bandwidth',
      'A presigned URL',
      'A presigned POST',
      'A bucket',
      'A bucket that is open to everybody',
      'Paginators',
      'The objects of a bucket',
      'Waiters',
      'Logging',
      'Event hooks',
      'Profiles and regions',
      'A proxy',
    ]);
  });

  test.each(pairs)('prints the same in both languages: $heading', async ({ heading, python, typescript }) => {
    using account = await setup();
    await using silent = await serve(() => {});
    await using proxy = await serveProxy();
    const more = { SILENT_URL: silent.url, PROXY_URL: proxy.url };
    // Each side has a bucket of its own, so that neither sees what the other left.
    const other = `connection-${randomUUID()}`;
    await account.client.send(new CreateBucketCommand({ Bucket: other }));
    if (heading === 'A role') await account.python(createRole);
    const [theirs, ours] = await Promise.all([
      account.python(withTestKeys(python), more),
      runTypeScript(withTestKeys(typescript), { ...account.environment, ...more, BUCKET: other }),
    ]);
    expect(ours).not.toBe('');
    expect(ours).toBe(theirs);
    expect(new Set([0, 2])).toContain(proxy.seen.length);
  });
});

describe('what Sluice signs works for Python', () => {
  test('a form, posted by requests with its fields and a file', async () => {
    using account = await setup();
    const form = await account.signer.post({
      key: 'k',
      contentType: 'text/plain',
      contentLengthRange: { min: 1, max: 5 },
    });
    const program = `
import json, requests
form = json.loads(os.environ["FORM"])
good = requests.post(form["url"], data=form["fields"], files={"file": b"hello"})
large = requests.post(form["url"], data=form["fields"], files={"file": b"hello!"})
print(good.status_code, large.status_code)`;
    expect(await account.python(program, { FORM: JSON.stringify(form) })).toBe('204 400');
    expect(
      await account.client.send(new HeadObjectCommand({ Bucket: account.bucket, Key: 'k' })),
    ).toMatchObject({
      ContentLength: 5,
      ContentType: 'text/plain',
    });
  });

  test('a PUT and a GET, sent by urllib3 with the headers that were signed', async () => {
    using account = await setup();
    const put = await account.signer.put({
      key: 'k',
      contentType: 'text/plain',
      contentLength: 5,
      ifNoneMatch: '*',
    });
    const get = await account.signer.get({ key: 'k', responseContentDisposition: 'attachment' });
    const program = `
import urllib3
http = urllib3.PoolManager()
headers = {"content-type": "text/plain", "if-none-match": "*"}
first = http.request("PUT", os.environ["PUT"], body=b"hello", headers=headers)
again = http.request("PUT", os.environ["PUT"], body=b"hello", headers=headers)
other = http.request("PUT", os.environ["PUT"], body=b"hello", headers={**headers, "content-type": "text/html"})
read = http.request("GET", os.environ["GET"])
print(first.status, again.status, other.status, read.data.decode(), read.headers["content-disposition"])`;
    expect(await account.python(program, { PUT: put, GET: get })).toBe('200 412 403 hello attachment');
  });

  test('has the shape of what boto3 signs', async () => {
    using account = await setup();
    const program = `
import boto3, json
from urllib.parse import urlsplit, parse_qs
s3 = boto3.client("s3", config=boto3.session.Config(signature_version="s3v4"))
form = s3.generate_presigned_post(BUCKET, "k")
url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "k"})
print(json.dumps({
  "form": sorted(form), "fields": sorted(name.lower() for name in form["fields"]),
  "query": sorted(parse_qs(urlsplit(url).query)), "path": urlsplit(url).path,
  "expires": parse_qs(urlsplit(url).query)["X-Amz-Expires"][0],
}))`;
    const form = await account.signer.post({ key: 'k' });
    const { pathname, searchParams } = new URL(await account.signer.get({ key: 'k' }));
    expect(JSON.parse(await account.python(program))).toEqual({
      form: Object.keys(form).toSorted(),
      fields: Object.keys(form.fields)
        .map((name) => name.toLowerCase())
        .toSorted(),
      query: [...searchParams.keys()].toSorted(),
      path: pathname,
      expires: searchParams.get('X-Amz-Expires'),
    });
  });
});

describe('objects pass from one to the other', () => {
  test('in parts from boto3 to Sluice, compared by the checksum that boto3 left', async () => {
    using account = await setup();
    writeFileSync(account.path('theirs'), noise(20_000_000));
    const program = 'import boto3; boto3.client("s3").upload_file(os.environ["FILE"], BUCKET, "k")';
    await account.python(program, { FILE: account.path('theirs') });
    const result = await downloadFile({ ...account.place, key: 'k', path: account.path('ours') });
    expect(result).toMatchObject({ bytes: 20_000_000, verifiedBy: expect.stringMatching(/^CRC/) });
    expect(readFileSync(account.path('ours')).equals(readFileSync(account.path('theirs')))).toBe(true);
  });

  test('in parts from Sluice to boto3, with the same ETag that boto3 would have given', async () => {
    using account = await setup();
    writeFileSync(account.path('ours'), noise(20_000_000));
    const { etag } = await uploadFile({ ...account.place, key: 'ours', path: account.path('ours') });
    const program = `
import boto3
s3 = boto3.client("s3")
s3.download_file(BUCKET, "ours", os.environ["FILE"])
s3.upload_file(os.environ["FILE"], BUCKET, "theirs")
print(s3.head_object(Bucket=BUCKET, Key="theirs")["ETag"])`;
    expect(await account.python(program, { FILE: account.path('theirs') })).toBe(etag);
    expect(readFileSync(account.path('theirs')).equals(readFileSync(account.path('ours')))).toBe(true);
  });
});
