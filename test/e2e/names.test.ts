import { describe, expect, inject, test } from 'vitest';
import { apiOf, type Intent, put } from './api.ts';

function setup() {
  const alice = apiOf(inject('stack').alice);
  /** Takes a file from its request to its download. */
  const send = async (intent: Intent, bytes: Uint8Array) => {
    const requested = await alice.request(intent, bytes.length);
    expect((await put(requested, bytes)).status).toBe(200);
    const upload = await alice.settled(requested.id);
    const download = await alice.call('GET', `/uploads/${requested.id}/download`);
    const file = await fetch(download.headers.get('location') ?? '');
    return {
      upload,
      type: file.headers.get('content-type'),
      disposition: file.headers.get('content-disposition'),
      bytes: Buffer.from(await file.arrayBuffer()),
    };
  };
  return { alice, send };
}

describe('the name of a file', () => {
  test.each([
    ['filename_unsafe', 'invoice.hta', 'text/plain', /\.hta can run .* named \.txt/],
    ['filename_unsafe', 'a.pdf.js', 'application/pdf', /named \.pdf/],
    ['filename_unsafe', '.htaccess', 'text/plain', /dot/],
    ['filename_unsafe', 'nul.txt', 'text/plain', /Windows/],
    ['filename_invalid', 'photo\u200b.png', 'image/png', /cannot be seen/],
    ['extension_mismatch', 'page.html', 'text/plain', /named \.txt/],
  ])('is refused with %s and what to do: %s', async (code, filename, contentType, detail) => {
    const { alice } = setup();
    const response = await alice.call('POST', '/uploads', { filename, contentType, size: 3 });
    expect(response.status).toBe(422);
    expect(await alice.problem(response)).toMatchObject({
      code,
      field: 'filename',
      detail: expect.stringMatching(detail),
    });
  });

  test('gets the extension of its type on download, where it has none', async () => {
    const { send } = setup();
    const sent = await send({ filename: 'report.2024', contentType: 'text/csv' }, Buffer.from('a,b\n'));
    expect(sent.upload).toMatchObject({
      state: 'accepted',
      filename: 'report.2024',
      servedName: 'report.2024.csv',
    });
    expect(sent.disposition).toContain('filename="report.2024.csv"');
  });
});

describe('the declared type', () => {
  test('may have parameters, which the signed type has not', async () => {
    const { send } = setup();
    const intent = { filename: 'a.csv', contentType: 'text/csv; charset=utf-8' };
    const sent = await send(intent, Buffer.from('a,b\n'));
    expect(sent.upload).toMatchObject({ state: 'accepted', contentType: 'text/csv' });
  });

  test('is what the extension stands for where nothing is declared', async () => {
    const { send } = setup();
    const intent = { filename: 'notes.md', contentType: 'application/octet-stream' };
    const sent = await send(intent, Buffer.from('<h1 align="center">Title</h1>\n\nText.\n'));
    expect(sent.upload).toMatchObject({ state: 'accepted', contentType: 'text/markdown' });
    expect(sent.type).toBe('text/markdown; charset=utf-8');
  });
});

describe('a text in another encoding', () => {
  const ANSI = Buffer.from('Name;Stra\xdfe\r\nM\xfcller;\x80 5\r\n', 'latin1');

  test('is stored byte for byte, and served with its charset', async () => {
    const { send } = setup();
    const sent = await send({ filename: 'ansi.csv', contentType: 'text/csv' }, ANSI);
    expect(sent).toMatchObject({ type: 'text/csv; charset=windows-1252', bytes: ANSI });
  });

  test('is no JSON, and says what to do', async () => {
    const { alice } = setup();
    const bytes = Buffer.from('\ufeff{"a":1}', 'utf16le');
    const requested = await alice.request(
      { filename: 'a.json', contentType: 'application/json' },
      bytes.length,
    );
    await put(requested, bytes);
    expect(await alice.settled(requested.id)).toMatchObject({
      state: 'rejected',
      reason: 'text_malformed',
      detail: expect.stringContaining('Save it as UTF-8.'),
    });
  });
});
