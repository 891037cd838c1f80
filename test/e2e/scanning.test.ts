// Scanners that others run, on a stack of their own: a stand-in for GuardDuty, and the function of
// examples/scanner before its service.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createClient } from '@sluice/client/client';
import { createUploader } from '@sluice/client/uploader';
import type { State } from '@sluice/contract/state';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GuardDutyStandIn, knowsEicar, startGuardDuty } from '../../local/guardduty.ts';
import { readPoolStack } from '../../local/stack.ts';
import { eicar } from '../../packages/cli/src/check/eicar.ts';
import { rootOf } from '../contract/root.ts';
import { startOwn, type TestStack } from '../setup/local-stack.ts';
import { createAdmin, runSluice } from './command-line.ts';
import { type Example, startExample } from './example.ts';
import type { policies } from './scanning-policies.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:scanner';

// From before Sluice.
const OLD_BUCKET = 'old-files';

let guardDuty: GuardDutyStandIn;
let stack: TestStack;
let stop: () => Promise<void>;
let example: Example;
// What GuardDuty has signatures for, besides EICAR.
const known = new Set<string>();
beforeAll(async () => {
  const started = await startOwn(`test-scanning-${process.pid}`, async (endpoint) => {
    guardDuty = await startGuardDuty({
      endpoint,
      resultsQueue: async () => (await readPoolStack(endpoint)).queues.scanResults,
      judge: (bytes) =>
        bytes.includes('a password')
          ? {
              scanStatus: 'SKIPPED',
              scanResultStatus: 'UNSUPPORTED',
              threats: null,
              statusReasons: ['PASSWORD_PROTECTED'],
            }
          : [...known].some((sign) => bytes.includes(sign))
            ? { scanStatus: 'COMPLETED', scanResultStatus: 'THREATS_FOUND', threats: [{ name: 'New.Worm' }] }
            : knowsEicar(bytes),
    });
    return {
      policies: 'test/e2e/scanning-policies.ts',
      parameters: {
        guardDuty: 'true',
        guardDutyEndpoint: guardDuty.endpoint,
        scannerFunction: FUNCTION,
        scanRetrySpeed: '900',
        adoptFrom: OLD_BUCKET,
      },
    };
  });
  ({ stack, stop } = started);
  example = await startExample('scanner', stack);
}, 300_000);
afterAll(async () => {
  await example?.[Symbol.asyncDispose]();
  await guardDuty?.[Symbol.asyncDispose]();
  await stop?.();
});

function setup() {
  const caller = { endpoint: stack.apiUrl, token: stack.alice.idToken };
  const client = createClient(caller);
  const send = async (policy: keyof typeof policies, content: string) => {
    const { id } = await createUploader(caller).send(new Blob([content], { type: 'text/plain' }), {
      filename: 'a.txt',
      contentType: 'text/plain',
      policy,
    });
    return id;
  };
  const verdictOf = async (policy: keyof typeof policies, content: string) => {
    const states: string[] = [];
    const upload = await client.wait(await send(policy, content), {
      onState: ({ state }) => states.push(state),
    });
    return { ...upload, states };
  };
  const storeHas = async (id: string) => {
    const s3 = new S3Client({ ...rootOf(stack), forcePathStyle: true });
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: stack.buckets.store }));
    return Contents.some(({ Key }) => Key?.endsWith(id));
  };
  const until = async (id: string, state: State) => {
    const end = Date.now() + 120_000;
    while ((await client.status(id)).state !== state && Date.now() < end) await delay(500);
    return client.status(id);
  };
  const folder = () => mkdtemp(join(tmpdir(), 'sluice-scans-'));
  const admin = async (...argv: readonly string[]) => createAdmin(stack, await folder())(...argv);
  const check = async () =>
    runSluice(await folder(), ['check'], {
      SLUICE_ENDPOINT: stack.apiUrl,
      SLUICE_TOKEN: stack.alice.idToken,
    });
  return { client, send, verdictOf, storeHas, until, admin, check };
}

/** Whose the token is; the tenant of a user of the stack's own pool is the user. */
function whoIs(token: string) {
  const { sub } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    sub: string;
  };
  return { subject: sub, tenant: sub };
}

describe.each(['guarded', 'asked', 'both'] as const)('a file under the policy %s', (policy) => {
  test('is accepted once every scanner has found it clean', async () => {
    const { verdictOf, storeHas } = setup();
    const upload = await verdictOf(policy, 'nothing to see\n');
    expect(upload).toMatchObject({ state: 'accepted' });
    expect(await storeHas(upload.id)).toBe(true);
  });

  test('is rejected as infected when a scanner names a threat, and never was in the store', async () => {
    const { verdictOf, storeHas } = setup();
    const upload = await verdictOf(policy, eicar());
    expect(upload).toMatchObject({
      state: 'rejected',
      reason: 'infected',
      detail: expect.stringMatching(/EICAR/),
    });
    expect(await storeHas(upload.id)).toBe(false);
  });

  test('that does not pass the cheap checks is sent to no scanner', async () => {
    const { verdictOf } = setup();
    const before = guardDuty.asked.length;
    const upload = await verdictOf(policy, `<!DOCTYPE html><script>1</script>${eicar()}`);
    expect(upload).toMatchObject({ state: 'rejected', reason: 'active_content' });
    expect(guardDuty.asked).toHaveLength(before);
  });
});

test('a file without scanners is accepted, whatever is in it', async () => {
  expect(await setup().verdictOf('plain', eicar())).toMatchObject({ state: 'accepted' });
});

test('a file that GuardDuty cannot look into is rejected as unscannable', async () => {
  expect(await setup().verdictOf('guarded', 'behind a password')).toMatchObject({
    state: 'rejected',
    reason: 'unscannable',
    detail: expect.stringMatching(/PASSWORD_PROTECTED/),
  });
});

test('files of another bucket are adopted once each, by the same checks and scanners', async () => {
  const s3 = new S3Client({ ...rootOf(stack), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: OLD_BUCKET }));
  const files = { 'notes.txt': 'nothing to see', 'bad.txt': eicar(), 'page.txt': '<!doctype html><p>' };
  for (const [name, Body] of Object.entries(files)) {
    await s3.send(new PutObjectCommand({ Bucket: OLD_BUCKET, Key: `mail/${name}`, Body }));
  }
  const { client, admin, until } = setup();
  const { subject, tenant } = whoIs(stack.alice.idToken);
  const adopt = () =>
    admin('adopt', `s3://${OLD_BUCKET}/mail/`, '--policy', 'guarded', '--tenant', tenant, '--owner', subject);
  expect(await adopt()).toMatchObject({ code: 0, counts: { adopted: 3 } });
  expect(await adopt()).toMatchObject({ code: 0, counts: { 'adopted before': 3 } });
  const { uploads } = await client.list({ limit: 100 });
  const idOf = (name: string) => uploads.find(({ filename }) => filename === name)?.id ?? name;
  expect(await until(idOf('notes.txt'), 'accepted')).toMatchObject({ state: 'accepted' });
  expect(await until(idOf('bad.txt'), 'rejected')).toMatchObject({ reason: 'infected' });
  expect(await until(idOf('page.txt'), 'rejected')).toMatchObject({ reason: 'active_content' });
}, 200_000);

test('sluice check has the scanners find EICAR', async () => {
  const { end } = await setup().check();
  expect(end.checks).toContainEqual(expect.objectContaining({ check: 'scanned', verdict: 'ok' }));
}, 60_000);

test('an accepted file in which new signatures find harm is recalled, and nobody reads it any more', async () => {
  const { client, verdictOf, storeHas, until, admin } = setup();
  const { id } = await verdictOf('guarded', 'a worm that nobody knows yet');
  expect(await storeHas(id)).toBe(true);
  known.add('a worm');
  expect(await admin('rescan', id)).toMatchObject({ code: 0, counts: { asked: 1 } });
  expect(await until(id, 'recalled')).toMatchObject({ state: 'recalled', reason: 'infected' });
  await expect(client.download(id)).rejects.toMatchObject({ problem: { code: 'upload_recalled' } });
  for (let look = 0; look < 60 && (await storeHas(id)); look += 1) await delay(500);
  expect(await storeHas(id)).toBe(false);
}, 150_000);

// The last one: it stops the service.
test('a file whose scanner fails each time is held, and is accepted once an operator has it judged again', async () => {
  await example[Symbol.asyncDispose]();
  const { send, storeHas, until, admin } = setup();
  const id = await send('asked', 'nothing to see, and nobody who looks');
  expect(await until(id, 'held')).toMatchObject({ state: 'held' });
  expect(await storeHas(id)).toBe(false);
  example = await startExample('scanner', stack, { port: Number(new URL(example.url).port) });
  expect(await admin('rejudge', id)).toMatchObject({ code: 0 });
  expect(await until(id, 'accepted')).toMatchObject({ state: 'accepted' });
  expect(await storeHas(id)).toBe(true);
}, 250_000);
