import { expect, test } from 'vitest';
import { NetworkError, NotSettledError } from '../../../src/client/errors.ts';
import type { Source } from '../../../src/client/platform.ts';
import type { NamedPolicy, Upload } from '../../../src/client/resource.ts';
import type { UploadOptions } from '../../../src/client/uploader.ts';
import type { Admission } from '../../../src/console/admission.ts';
import { createTransfers, type Transfer } from '../../../src/console/transfers.ts';
import { upload } from './upload.ts';

type Sending = {
  readonly name: string;
  readonly options: UploadOptions;
  readonly finish: (settled: Upload) => Promise<void>;
  readonly fail: (error: unknown) => Promise<void>;
};

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Transfers whose uploader does nothing by itself: each file waits for the test to end it. */
const setup = ({ checksum = 'optional' }: { checksum?: NamedPolicy['checksum'] } = {}) => {
  const sending: Sending[] = [];
  const shown = new Map<string, Transfer>();
  const ended: (readonly [key: string, upload: string | undefined])[] = [];
  const errors: unknown[] = [];
  let keys = 0;
  const start = (file: Source, options: UploadOptions = {}): Promise<Upload> =>
    new Promise((resolve, reject) => {
      options.signal?.addEventListener('abort', () => reject(options.signal?.reason));
      sending.push({
        name: 'name' in file ? file.name : '',
        options,
        finish: (settled) => {
          resolve(settled);
          return settle();
        },
        fail: (error) => {
          reject(error);
          return settle();
        },
      });
    });
  const transfers = createTransfers({
    uploader: { upload: start },
    newKey: () => `k${++keys}`,
    onChange: (transfer) => void shown.set(transfer.key, transfer),
    onEnd: ({ key }, settled) => void ended.push([key, settled?.id]),
    onError: (error) => void errors.push(error),
  });
  const policy: NamedPolicy = {
    name: 'images',
    title: 'Pictures',
    types: ['image/png'],
    minBytes: 1,
    maxBytes: 1000,
    checksum,
    urlExpiresInSeconds: 900,
  };
  const admission: Admission = { admitted: true, contentType: 'image/png', policy };
  const add = (name: string, as: Admission = admission) => transfers.add(new File(['1234'], name), as);
  const phases = () => [...shown.values()].map(({ phase }) => phase);
  const at = (index: number): Sending => {
    const found = sending[index];
    if (!found) throw new Error(`nothing was sent at ${index}`);
    return found;
  };
  return { transfers, sending, at, shown, ended, errors, add, phases };
};

test('sends three files at a time, and the next when one is done', async () => {
  const { add, sending, at, phases } = setup();
  for (const name of ['a', 'b', 'c', 'd', 'e']) add(name);
  expect(sending.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(phases()).toEqual(['sending', 'sending', 'sending', 'queued', 'queued']);
  await at(1).finish(upload({ id: 'u1' }));
  expect(sending.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
});

test('declares type and policy as they were decided on', () => {
  const { add, at } = setup();
  add('a');
  expect(at(0).options).toMatchObject({ contentType: 'image/png', policy: 'images' });
  expect(at(0).options).not.toHaveProperty('checksum');
});

test('computes a checksum when the policy demands one', () => {
  const { add, at } = setup({ checksum: 'required' });
  add('a');
  expect(at(0).options.checksum).toBe('sha256');
});

test('sends nothing of a file that is refused', () => {
  const { add, sending, phases } = setup();
  add('a', { admitted: false, contentType: 'text/html', why: 'no' });
  expect([sending, phases()]).toEqual([[], ['refused']]);
});

test('follows the bytes, back to the beginning when a transfer is begun anew, until all are sent', () => {
  const { add, at, shown } = setup();
  add('a');
  const seen = [2, 4, 0].map((bytes) => {
    at(0).options.onProgress?.({ phase: 'sending', bytes, totalBytes: 4 });
    return [shown.get('k1')?.phase, shown.get('k1')?.sentBytes];
  });
  expect(seen).toEqual([
    ['sending', 2],
    ['sent', 4],
    ['sending', 0],
  ]);
});

test('does not take a file for sent when it has only been read for its checksum', () => {
  const { add, at, phases } = setup({ checksum: 'required' });
  add('a');
  at(0).options.onProgress?.({ phase: 'hashing', bytes: 4, totalBytes: 4 });
  expect(phases()).toEqual(['sending']);
});

test('hands the upload over when the verdict is in', async () => {
  const { add, at, ended } = setup();
  add('a');
  await at(0).finish(upload({ id: 'u1' }));
  expect(ended).toEqual([['k1', 'u1']]);
});

test('hands the upload over when the verdict takes too long, since all of it was sent', async () => {
  const { add, at, ended } = setup();
  add('a');
  await at(0).fail(new NotSettledError(upload({ id: 'u1', state: 'verifying' })));
  expect(ended).toEqual([['k1', 'u1']]);
});

test('stops a file that is being sent when it is cancelled, and goes on with the next', async () => {
  const { add, at, ended, transfers, sending } = setup();
  for (const name of ['a', 'b', 'c', 'd']) add(name);
  at(0).options.onState?.(upload({ id: 'u1', state: 'requested' }));
  transfers.cancel('k1');
  await settle();
  expect(at(0).options.signal?.aborted).toBe(true);
  expect(ended).toEqual([['k1', undefined]]);
  expect(sending.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
});

test('stops a file whose upload is only being asked for once that has an id, by which it can be given up', async () => {
  const { add, at, ended, transfers, phases } = setup();
  add('a');
  transfers.cancel('k1');
  expect([at(0).options.signal?.aborted, phases()]).toEqual([false, ['stopping']]);
  at(0).options.onState?.(upload({ id: 'u1', state: 'requested' }));
  await settle();
  expect(at(0).options.signal?.aborted).toBe(true);
  expect(ended).toEqual([['k1', undefined]]);
});

test('never begins a file that is cancelled while it waits', async () => {
  const { add, at, transfers, sending } = setup();
  for (const name of ['a', 'b', 'c', 'd', 'e']) add(name);
  transfers.cancel('k4');
  await at(0).finish(upload({ id: 'u1' }));
  await settle();
  expect(sending.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'e']);
});

test('says why a file failed, and sends it again as another when asked to', async () => {
  const { add, at, shown, ended, errors, transfers, sending } = setup();
  add('a');
  const error = new NetworkError('The connection broke.');
  await at(0).fail(error);
  expect(shown.get('k1')).toMatchObject({
    phase: 'failed',
    error: { text: expect.stringContaining('broke') },
  });
  expect(errors).toEqual([error]);
  transfers.retry('k1');
  expect(ended).toEqual([['k1', undefined]]);
  expect(sending.map(({ name }) => name)).toEqual(['a', 'a']);
});
