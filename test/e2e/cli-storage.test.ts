// The commands for S3 itself as a person uses them, against the deployed stack.
import { spawn } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { deleteBucket } from '@sluice/connection/buckets/empty';
import { createS3Client } from '@sluice/connection/clients/s3';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { describe, expect, inject, test } from 'vitest';

const ENTRY = fileURLToPath(new URL('../../packages/cli/src/sluice.ts', import.meta.url));

type Finding = {
  readonly check: string;
  readonly verdict: string;
  readonly detail: string;
  readonly ms?: number;
};

/** A folder beside the stack, and a bucket of this test's own. */
async function setup() {
  const { apiUrl, endpoint, userPoolClientId, alice, buckets } = inject('stack');
  const folder = await mkdtemp(join(tmpdir(), 'sluice-e2e-'));
  await mkdir(join(folder, '.sluice'));
  const demo = { email: alice.email, password: alice.password };
  const stack = { apiUrl, endpoint, userPoolClientId, demo };
  await writeFile(join(folder, '.sluice', 'stack.json'), JSON.stringify(stack));

  const start = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawn(process.execPath, [ENTRY, ...argv], {
      cwd: folder,
      // No instance answers for keys here; without this the SDK would look for one.
      env: { PATH: process.env.PATH, HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', ...env },
    });
  const end = async (child: ReturnType<typeof start>, input?: Uint8Array) => {
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    child.stdin.end(input);
    const [bytes, err] = await Promise.all([buffer(child.stdout), text(child.stderr)]);
    return { bytes, out: bytes.toString(), err, code: await ended };
  };
  const s3 = (...argv: readonly string[]) => end(start([...argv, '--local']));
  const bucket = `cli-${randomUUID()}`;
  const url = (key: string) => `s3://${bucket}/${key}`;
  await s3('mb', `s3://${bucket}`, '--cors-origin', 'https://app.example.com');
  const client = createS3Client(
    resolveSettings({
      code: { endpoint, region: 'us-east-1', accessKeyId: 'test', secretAccessKey: 'test' },
    }),
  );
  return {
    endpoint,
    client,
    buckets,
    bucket,
    url,
    path: (name: string) => join(folder, name),
    /** Runs a command with --local to its end. */
    s3,
    /** Runs a command with what the environment says, and nothing of the local stack's. */
    s3As: (env: Readonly<Record<string, string>>, ...argv: readonly string[]) => end(start(argv, env)),
    pipeInto: (input: Uint8Array, ...argv: readonly string[]) => end(start([...argv, '--local']), input),
    start: (...argv: readonly string[]) => start([...argv, '--local']),
    end,
    [Symbol.asyncDispose]: async () => {
      await deleteBucket({ client, bucket, andContents: true });
      client.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function sha256(bytes: Uint8Array) {
  return createHash('sha256').update(bytes).digest('hex');
}

function readLines(out: string): Readonly<Record<string, unknown>>[] {
  return out
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

describe('sluice doctor', () => {
  test('finds nothing that fails with the bucket where uploads arrive', async () => {
    await using world = await setup();
    const { out, code } = await world.s3('doctor', `s3://${world.buckets.incoming}`, '--json');
    const { findings }: { readonly findings: readonly Finding[] } = JSON.parse(out);
    const verdicts = Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict]));
    expect(verdicts).toMatchObject({
      credentials: 'ok',
      tcp: 'ok',
      'first-byte': 'ok',
      clock: 'ok',
      identity: 'ok',
      access: 'ok',
      'public-access': 'ok',
      encryption: 'ok',
      notifications: 'ok',
    });
    expect(Object.values(verdicts)).not.toContain('fail');
    expect(code).toBe(0);
  });

  test('has nothing to mend but notifications in a bucket that mb has made', async () => {
    await using world = await setup();
    const { out } = await world.s3('doctor', `s3://${world.bucket}`, '--json');
    const { findings }: { readonly findings: readonly Finding[] } = JSON.parse(out);
    expect(findings.filter(({ verdict }) => verdict !== 'ok').map(({ check }) => check)).toEqual([
      'notifications',
    ]);
    expect(findings.find(({ check }) => check === 'tls-only')?.detail).toBe(
      'not asked for, as the endpoint has no TLS',
    );
  });

  test('fails and exits 3 when the keys are not those of the account', async () => {
    await using world = await setup();
    const env = {
      AWS_ENDPOINT_URL: world.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIAWRONG1234567890A',
      AWS_SECRET_ACCESS_KEY: 'wrong-secret',
    };
    const { out, err, code } = await world.s3As(env, 'doctor', `s3://${world.bucket}`);
    expect(out).toMatch(/^fail {2}identity .*InvalidClientTokenId/m);
    expect(out).toContain('Correct the keys');
    expect(out + err).not.toContain('wrong-secret');
    expect(code).toBe(3);
  });

  test('fails and exits 3 when there is no such bucket', async () => {
    await using world = await setup();
    const { out, code } = await world.s3('doctor', 's3://there-is-no-such-bucket');
    expect(out).toMatch(/^fail {2}access .*NoSuchBucket/m);
    expect(code).toBe(3);
  });
});

describe('without --local', () => {
  test('does not use the stack beside it, and says how to', async () => {
    await using world = await setup();
    const { out, err, code } = await world.s3As({ AWS_REGION: 'us-east-1' }, 'ls');
    expect(err).toContain('NoCredentialsError');
    expect(err).toContain('--local');
    expect([out, code]).toEqual(['', 3]);
  });
});

describe('sluice cp', () => {
  test.each([
    ['empty', 0],
    ['small', 5],
    ['large enough for parts', 20_000_000],
  ])('brings a file that is %s there, across and back byte for byte', async (_what, size) => {
    await using world = await setup();
    const bytes = randomBytes(size);
    await writeFile(world.path('a.bin'), bytes);
    expect((await world.s3('cp', 'a.bin', world.url('in/'))).code).toBe(0);
    expect((await world.s3('cp', world.url('in/a.bin'), world.url('across/b c+ü.bin'))).code).toBe(0);
    const { out, code } = await world.s3('cp', world.url('across/b c+ü.bin'), 'back/', '--json');
    expect(JSON.parse(out)).toMatchObject({ to: world.path('back/b c+ü.bin'), bytes: size });
    expect(code).toBe(0);
    expect(sha256(await readFile(world.path('back/b c+ü.bin')))).toBe(sha256(bytes));
  });

  test('takes what a program writes and gives it to another, nothing but the bytes', async () => {
    await using world = await setup();
    const bytes = randomBytes(9_000_000);
    expect((await world.pipeInto(bytes, 'cp', '-', world.url('piped'))).code).toBe(0);
    const { bytes: back, code } = await world.s3('cp', world.url('piped'), '-');
    expect(sha256(back)).toBe(sha256(bytes));
    expect(code).toBe(0);
  });

  test('leaves neither an object nor parts behind at Ctrl-C', async () => {
    await using world = await setup();
    // Sparse: two gigabytes that take no time to make, and some to send.
    await writeFile(world.path('big.bin'), '');
    await truncate(world.path('big.bin'), 2 * 1024 ** 3);
    const child = world.start('cp', 'big.bin', world.url('big.bin'), '--debug');
    const underWay = new Promise<void>((resolve) =>
      child.stderr.on('data', (data) => String(data).includes('CreateMultipartUpload') && resolve()),
    );
    await underWay;
    child.kill('SIGINT');
    expect((await world.end(child)).code).toBe(130);
    expect((await world.s3('ls', '-r', `s3://${world.bucket}`)).out).toBe('');
    const { Uploads = [], Bucket } = await world.client.send(
      new ListMultipartUploadsCommand({ Bucket: world.bucket }),
    );
    expect([Bucket, Uploads]).toEqual([world.bucket, []]);
  });
});

describe('sluice ls and rm', () => {
  test('show folders, then everything, and delete a folder without its namesake', async () => {
    await using world = await setup();
    await writeFile(world.path('x'), 'hello');
    for (const key of ['logs/1', 'logs/2', 'logs2/1', 'top']) await world.s3('cp', 'x', world.url(key));

    const flat = readLines((await world.s3('ls', `s3://${world.bucket}`, '--json')).out);
    expect(flat.map(({ prefix, key }) => prefix ?? key)).toEqual(['logs/', 'logs2/', 'top']);
    expect((await world.s3('rm', '-r', world.url('logs'), '--yes')).out).toContain('2 deleted');
    expect((await world.s3('rm', world.url('top'))).code).toBe(0);
    const left = readLines((await world.s3('ls', '-r', `s3://${world.bucket}`, '--json')).out);
    expect(left).toMatchObject([{ kind: 'object', key: 'logs2/1', bytes: 5 }]);
    expect((await world.s3('ls')).out).toContain(`s3://${world.bucket}\n`);
  });
});

describe('sluice presign', () => {
  test('signs URLs and a form that work, for what was signed and nothing else', async () => {
    await using world = await setup();
    const headers = { 'content-type': 'text/csv' };
    const put = (
      await world.s3('presign', 'put', world.url('a.csv'), '--content-type', 'text/csv')
    ).out.trim();
    expect(
      (await fetch(put, { method: 'PUT', body: 'a,b', headers: { 'content-type': 'text/html' } })).status,
    ).toBe(403);
    expect((await fetch(put, { method: 'PUT', body: 'a,b', headers })).status).toBe(200);

    const get = (await world.s3('presign', 'get', world.url('a.csv'), '--expires', '1m')).out.trim();
    expect(await (await fetch(get)).text()).toBe('a,b');

    const post = ['presign', 'post', world.url('form.txt'), '--max-bytes', '5'];
    const form: { url: string; fields: Record<string, string> } = JSON.parse((await world.s3(...post)).out);
    const send = async (bytes: string) => {
      const body = new FormData();
      for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
      body.append('file', new Blob([bytes]));
      return (await fetch(form.url, { method: 'POST', body })).status;
    };
    expect(await send('too many bytes')).toBe(400);
    expect(await send('right')).toBe(204);
  });
});
