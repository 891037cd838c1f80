// Files on the local stack, with a real clamd that every policy demands, as npm start -- --scan clamav has
// it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createClient } from '@sluice/client/client';
import { createUploader } from '@sluice/client/uploader';
import type { ScanResult } from '@sluice/contract/scan';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalClamd, startClamd } from '../../local/clamav.ts';
import { foldersIn, projectRoot } from '../../local/folders.ts';
import { writeScannedPolicies } from '../../local/scanned-policies.ts';
import { rootOf } from '../contract/root.ts';
import { startOwn, type TestStack } from '../setup/local-stack.ts';
import { compressedZip, docxWith, EICAR } from './files.ts';

const name = `test-clamav-${process.pid}`;
const folders = foldersIn(join(projectRoot, '.sluice', name));

let clamd: LocalClamd;
let stack: TestStack;
let stop: () => Promise<void>;
beforeAll(async () => {
  const started = await startOwn(name, async () => {
    clamd = await startClamd(folders, { LogClean: 'yes' });
    return {
      policies: await writeScannedPolicies(folders, undefined, ['clamav']),
      parameters: { clamdAddress: clamd.address, scanRetrySpeed: '30' },
    };
  });
  ({ stack, stop } = started);
}, 300_000);
afterAll(async () => {
  await clamd?.stop();
  await stop?.();
});

type File = { readonly filename: string; readonly contentType: string; readonly bytes: Buffer };

function setup() {
  const caller = { endpoint: stack.apiUrl, token: stack.alice.idToken };
  const client = createClient(caller);
  const uploader = createUploader(caller); // one, which asks for many in few calls
  const toBlob = ({ bytes, contentType }: File) => new Blob([new Uint8Array(bytes)], { type: contentType });
  const send = async (file: File) => {
    const { filename, contentType } = file;
    return (await uploader.send(toBlob(file), { filename, contentType })).id;
  };
  const verdictOf = (file: File) => {
    const { filename, contentType } = file;
    return uploader.upload(toBlob(file), { filename, contentType });
  };
  const stored = async () => {
    const s3 = new S3Client({ ...rootOf(stack), forcePathStyle: true });
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: stack.buckets.store }));
    return Contents.map(({ Key }) => Key?.split('/').at(-1));
  };
  const until = async (id: string, state: string) => {
    await expect
      .poll(async () => (await client.status(id)).state, { timeout: 90_000, interval: 250 })
      .toBe(state);
  };
  /** How many files clamd has scanned so far, by its log. */
  const scans = async () =>
    (await readFile(join(folders.clamav, 'clamd.log'), 'utf8')).split('instream(').length - 1;
  return { client, send, verdictOf, stored, until, scans };
}

function text(content: string | Buffer, filename = 'notes.txt'): File {
  return { filename, contentType: 'text/plain', bytes: Buffer.from(content) };
}

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const zipped = compressedZip({ name: 'eicar.com', content: EICAR });

const INFECTED: readonly (readonly [string, File])[] = [
  ['plain', text(EICAR)],
  ['in a ZIP', { filename: 'a.zip', contentType: 'application/zip', bytes: zipped }],
  [
    'in a ZIP in a ZIP',
    {
      filename: 'b.zip',
      contentType: 'application/zip',
      bytes: compressedZip({ name: 'a.zip', content: zipped }),
    },
  ],
  ['in a DOCX', { filename: 'c.docx', contentType: DOCX, bytes: docxWith(EICAR) }],
];

describe('EICAR', () => {
  test.each(INFECTED)('%s is rejected as infected, and never was in the store', async (_, file) => {
    const { verdictOf, stored } = setup();
    const upload = await verdictOf(file);
    expect(upload).toMatchObject({
      state: 'rejected',
      reason: 'infected',
      detail: expect.stringMatching(/Sluice\.Test\.EICAR/),
    });
    expect(await stored()).not.toContain(upload.id);
  });

  test('named .png does not pass the cheap checks, and clamd never sees it', async () => {
    const { verdictOf, scans } = setup();
    const before = await scans();
    const upload = await verdictOf({ filename: 'eicar.png', contentType: 'image/png', bytes: EICAR });
    expect(upload).toMatchObject({ state: 'rejected' });
    expect(upload.state === 'rejected' && upload.reason).not.toBe('infected');
    expect(await scans()).toBe(before);
  });
});

test('an honest document is accepted, once clamd has found it clean', async () => {
  const { verdictOf, stored, scans } = setup();
  const before = await scans();
  const bytes = docxWith(Buffer.from('harmless'));
  const upload = await verdictOf({ filename: 'letter.docx', contentType: DOCX, bytes });
  expect(upload).toMatchObject({ state: 'accepted' });
  expect(await stored()).toContain(upload.id);
  expect(await scans()).toBe(before + 1);
});

test('what clamd cannot look into is rejected as unscannable', async () => {
  const { verdictOf } = setup();
  const bytes = compressedZip({ name: 'a', content: Buffer.alloc(100, 'a'), isEncrypted: true });
  const upload = await verdictOf({ filename: 'locked.zip', contentType: 'application/zip', bytes });
  expect(upload).toMatchObject({ state: 'rejected', reason: 'unscannable' });
});

test('a hundred files at once get their verdicts, each its own', async () => {
  const { verdictOf, stored } = setup();
  const files = Array.from({ length: 100 }, (_, at) =>
    text(at % 10 === 0 ? EICAR : `file ${at}`, `${at}.txt`),
  );
  const uploads = await Promise.all(files.map((file) => verdictOf(file)));
  expect(uploads.map(({ state }) => state)).toEqual(
    files.map((_, at) => (at % 10 === 0 ? 'rejected' : 'accepted')),
  );
  const there = await stored();
  expect(uploads.filter(({ id }) => there.includes(id)).map(({ state }) => state)).toEqual(
    Array.from({ length: 90 }, () => 'accepted'),
  );
});

test('while clamd is away nothing is accepted, whatever others say; then it is judged', async () => {
  const { client, send, until, stored } = setup();
  await clamd.stop();
  const [bad, good] = await Promise.all([send(text(EICAR)), send(text('harmless'))]);
  await Promise.all([until(bad, 'scanning'), until(good, 'scanning')]);
  // What nobody was asked for: of another version, and of another object.
  const sqs = new SQSClient(rootOf(stack));
  const foreign = { schema: 1, scanner: 'clamav', outcome: 'clean', bucket: stack.buckets.incoming } as const;
  const { sub } = JSON.parse(Buffer.from(stack.alice.idToken.split('.')[1] ?? '', 'base64url').toString());
  for (const uploadId of [bad, good]) {
    const result: ScanResult = { ...foreign, uploadId, key: `${sub}/${uploadId}`, versionId: 'x', etag: 'y' };
    const message = { QueueUrl: stack.queues.scanResults, MessageBody: JSON.stringify(result) };
    await sqs.send(new SendMessageCommand(message));
  }
  await delay(5_000);
  expect(await Promise.all([bad, good].map(async (id) => (await client.status(id)).state))).toEqual([
    'scanning',
    'scanning',
  ]);
  expect(await stored()).not.toContain(good);

  clamd = await startClamd(folders, { LogClean: 'yes', TCPSocket: clamd.port });
  await Promise.all([until(bad, 'rejected'), until(good, 'accepted')]);
  expect(await client.status(bad)).toMatchObject({ reason: 'infected' });
  expect(await stored()).not.toContain(bad);
}, 240_000);
