import { frameForm } from '@sluice/client/form';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

function parse(body: Uint8Array<ArrayBuffer>, boundary: string): Promise<FormData> {
  return new Response(body, {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  }).formData();
}

describe('a form', () => {
  test('is read back field by field, the file last, whatever the texts are', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 30 }).map((value) => value.replace(/[\r\n]/g, ''));
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/).filter((value) => value !== 'file');
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(name, text, { maxKeys: 6 }),
        fc.uint8Array({ maxLength: 200 }),
        async (fields, file) => {
          const { before, after } = frameForm(fields, 'photo.jpg', 'boundary-1');
          const form = await parse(new Uint8Array([...before, ...file, ...after]), 'boundary-1');
          expect([...form.keys()]).toEqual([...Object.keys(fields), 'file']);
          for (const [key, value] of Object.entries(fields)) expect(form.get(key)).toBe(value);
          const got = form.get('file');
          expect(got instanceof File && new Uint8Array(await got.arrayBuffer())).toEqual(file);
        },
      ),
    );
  });

  test('does not let a file name open a part of its own', async () => {
    const hostile = 'a"\r\n\r\nx\r\n--b\r\ncontent-disposition: form-data; name="key"\r\n\r\nevil';
    const { before, after } = frameForm({ key: 'good' }, hostile, 'b');
    const form = await parse(new Uint8Array([...before, ...after]), 'b');
    expect(form.getAll('key')).toEqual(['good']);
  });
});
