import { expect, test } from 'vitest';
import type { Upload } from '../../../src/client/resource.ts';
import { describe } from '../../../src/console/describe.ts';
import { STATE_WORDS, toReasonWords } from '../../../src/console/words.ts';
import { STATES } from '../../../src/lib/upload/state.ts';
import { REJECT_REASONS } from '../../../src/lib/upload/verdict.ts';
import { upload } from './upload.ts';

const setup = (changes: Partial<Upload>) => describe({ key: 'k1', upload: upload({ id: 'u1', ...changes }) });

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
  expect(view).toMatchObject({ kind: { label: 'GIF' }, facts: '2 KB · GIF image' });
});

test('does not say that a rejected file is what it claims to be', () => {
  expect(setup({ state: 'rejected' }).facts).toBe('2 KB · announced as PNG image');
});

test.each<readonly [string, string, Partial<Upload>]>([
  ['offers a preview of', 'an accepted picture', {}],
  ['offers no preview of', 'an accepted picture of 11 MB', { size: 11 * 1024 ** 2 }],
  ['offers no preview of', 'a rejected picture', { state: 'rejected' }],
  ['offers no preview of', 'a picture that is being verified', { state: 'verifying' }],
  ['offers no preview of', 'a deleted picture', { state: 'deleted' }],
  ['offers no preview of', 'an accepted document', { contentType: 'application/pdf' }],
])('%s %s', (offers, _what, changes) => {
  expect(setup(changes).previewOf).toBe(offers.includes('no') ? undefined : 'u1');
});
