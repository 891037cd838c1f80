import type { NamedPolicy } from '@sluice/client/resource';
import { admit } from '@sluice/console/admission';
import { expect, test } from 'vitest';

function policy(name: string, changes: Partial<NamedPolicy>): NamedPolicy {
  return {
    name,
    title: name,
    types: ['image/png'],
    minBytes: 1,
    maxBytes: 1000,
    checksum: 'optional',
    urlExpiresInSeconds: 900,
    ...changes,
  };
}

function setup() {
  const pictures = policy('pictures', { title: 'Pictures' });
  const data = policy('data', {
    title: 'Data',
    types: ['text/csv', 'image/png'],
    minBytes: 0,
    maxBytes: 9000,
  });
  const proven = policy('proven', { checksum: 'required' });
  const list = { policies: [pictures, data, proven], singleUploadMaxBytes: 500 };
  const png = { name: 'photo.png', type: 'image/png', size: 10 };
  return {
    admitFile: (changes: object, chosen?: string) => admit({ ...png, ...changes }, chosen, list),
    pictures,
    data,
  };
}

test('sends a file under the first policy that takes its type when none is chosen', () => {
  const { admitFile, pictures } = setup();
  expect(admitFile({})).toEqual({ admitted: true, contentType: 'image/png', policy: pictures });
});

test('sends a file under the chosen policy when that takes its type', () => {
  const { admitFile, data } = setup();
  expect(admitFile({}, 'data')).toMatchObject({ admitted: true, policy: data });
});

test('takes an empty file where the policy does', () => {
  expect(setup().admitFile({ name: 'none.csv', type: 'text/csv', size: 0 })).toMatchObject({
    admitted: true,
  });
});

test('takes a file that has to go in parts, up to the limit of its policy', () => {
  expect(setup().admitFile({ size: 9000 }, 'data')).toMatchObject({ admitted: true });
});

test.each([
  [
    'of a type that no policy takes',
    { name: 'a.pdf', type: 'application/pdf' },
    undefined,
    /PDF document.* not taken here/,
  ],
  [
    'of a type that nobody knows',
    { name: 'a.exe', type: 'application/x-msdownload' },
    undefined,
    /\(\.exe\).* not taken/,
  ],
  [
    'of a type that the chosen policy does not take',
    { name: 'a.csv', type: 'text/csv' },
    'pictures',
    /“Pictures”/,
  ],
  ['that is empty where the policy takes none', { size: 0 }, undefined, /empty/],
  ['larger than its policy takes', { size: 1001 }, undefined, /at most 1000 bytes/],
  ['that needs a checksum, which Uppy does not declare', {}, 'proven', /checksum/],
  [
    'with a name that turns the reading direction',
    { name: 'a\u202egnp.exe' },
    undefined,
    /reading direction/,
  ],
  ['with a name that runs', { name: 'photo.exe', type: 'image/png' }, undefined, /can run .* named \.png/],
  ['with a name of another type', { name: 'photo.gif' }, undefined, /stands for image\/gif/],
  ['with a name that cannot be seen to its end', { name: 'photo\u200b.png' }, undefined, /cannot be seen/],
  ['with a slash in its name', { name: 'a/b.png' }, undefined, /slash/],
  ['with a name of 256 characters', { name: `${'a'.repeat(252)}.png` }, undefined, /longer than 255/],
])('refuses a file %s, and says why', (_what, changes, chosen, why) => {
  const admission = setup().admitFile(changes, chosen);
  expect(admission).toMatchObject({ admitted: false, why: expect.stringMatching(why) });
});

test.each([
  ['notes.md', '', 'text/markdown'],
  ['ROWS.NDJSON', '', 'application/x-ndjson'],
  ['table.csv', 'application/vnd.ms-excel', 'text/csv'],
  ['photo.png', 'image/jpeg', 'image/jpeg'],
  ['photo.jpg', 'image/jpg', 'image/jpeg'],
  ['page.txt', 'text/plain;charset=utf-8', 'text/plain'],
  ['archive', '', 'application/octet-stream'],
  ['setup.exe', 'application/x-msdownload', 'application/x-msdownload'],
])('declares %s, which the browser calls "%s", as %s', (name, type, contentType) => {
  expect(setup().admitFile({ name, type })).toMatchObject({ contentType });
});
