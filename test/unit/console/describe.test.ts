import type { Upload } from '@sluice/client/resource';
import { describe } from '@sluice/console/describe';
import { STATE_WORDS, toReasonWords } from '@sluice/console/words';
import { STATES } from '@sluice/contract/state';
import { REJECT_REASONS } from '@sluice/contract/verdict';
import { expect, test } from 'vitest';
import { upload } from './upload.ts';

function setup(changes: Partial<Upload>) {
  return describe({ key: 'k1', upload: upload({ id: 'u1', ...changes }) }, 'ada@example.com');
}

test.each(STATES)('gives the state %s a word of its own', (state) => {
  const words = STATES.map((other) => STATE_WORDS[other][0]);
  expect(setup({ state }).state).toBe(STATE_WORDS[state][0]);
  expect(words.filter((word) => word === STATE_WORDS[state][0])).toHaveLength(1);
});

test.each(REJECT_REASONS)('says in a sentence why an upload was rejected for %s', (reason) => {
  const { why } = setup({ state: 'rejected', reason, detail: 'In detail.' });
  expect(why).toBe(`${toReasonWords(reason)} In detail.`);
  expect(why).toMatch(/^It|^What|^Files|^The/);
});

test('shows a reason that is newer than the page as it came', () => {
  expect(toReasonWords('moon_phase')).toBe('Reason: moon_phase.');
});

test.each(STATES)('offers a download of an upload that is %s only if that is accepted', (state) => {
  expect(setup({ state }).actions.includes('download')).toBe(state === 'accepted');
});

test('shows the type that the contents have rather than the one that was announced', () => {
  const view = setup({ contentType: 'image/png', detectedType: 'image/gif', state: 'rejected' });
  expect(view).toMatchObject({ kind: { label: 'GIF' }, facts: '2 KiB · GIF image' });
});

test('does not say that a rejected file is what it claims to be', () => {
  expect(setup({ state: 'rejected' }).facts).toBe('2 KiB · announced as PNG image');
});

test.each<readonly ['picture' | 'text' | undefined, string, Partial<Upload>]>([
  ['picture', 'an accepted picture', {}],
  [undefined, 'an accepted picture of 11 MB', { size: 11 * 1024 ** 2 }],
  [undefined, 'an accepted drawing, which may hold scripts', { servedType: 'image/svg+xml' }],
  [undefined, 'a rejected picture', { state: 'rejected' }],
  [undefined, 'a picture that is being verified', { state: 'verifying' }],
  [undefined, 'a deleted picture', { state: 'deleted' }],
  [undefined, 'an accepted document', { servedType: 'application/pdf' }],
  [undefined, 'an accepted page', { servedType: 'text/html; charset=utf-8' }],
  [
    'text',
    'an accepted table, however large',
    { servedType: 'text/csv; charset=utf-8', size: 5 * 1024 ** 3 },
  ],
  [undefined, 'a rejected table', { servedType: 'text/csv', state: 'rejected' }],
])('offers %s for a look at %s', (of, _what, changes) => {
  expect(setup({ servedType: 'image/png', ...changes }).preview).toEqual(of && { of, uploadId: 'u1' });
});

test('says whose upload it is', () => {
  expect(setup({}).details).toContainEqual(['Uploaded by', 'ada@example.com']);
});

test('says why a file was not sent, and offers nothing but to take it off the list', () => {
  const file = { name: 'setup.exe', type: '', size: 2 };
  const refusal = { key: 'r1', file, contentType: 'application/octet-stream', why: 'Not taken here.' };
  expect(describe({ key: 'r1', refusal }, 'ada@example.com')).toMatchObject({
    name: 'setup.exe',
    state: 'Not sent',
    why: 'Not taken here.',
    actions: ['dismiss'],
  });
});
