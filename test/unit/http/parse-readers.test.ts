import { describe, expect, test } from 'vitest';
import { isOfTenant } from '../../../src/lib/http/parse-page.ts';
import { parseDownloads, parseShare } from '../../../src/lib/http/parse-readers.ts';
import { namesIn } from '../../../src/lib/http/path-names.ts';
import { refusalOf, withBody } from './parsing.ts';

describe('the body of PATCH /uploads/{id}', () => {
  test('says who may read', () => {
    expect(parseShare(withBody({ readers: 'tenant' }))).toEqual({ readers: 'tenant' });
  });

  test.each([
    [{}, 'field_missing', 'readers'],
    [{ readers: 'all' }, 'readers_invalid', 'readers'],
    [{ readers: null }, 'readers_invalid', 'readers'],
    [{ readers: 'owner', state: 'accepted' }, 'field_unknown', 'state'],
  ])('is refused when it is %j', (body, code, field) => {
    expect(refusalOf(() => parseShare(withBody(body)))).toEqual({ code, field });
  });
});

describe('the body of POST /downloads', () => {
  const ids = Array.from({ length: 200 }, (_, at) => `id-${at}`);

  test('names up to 200 uploads', () => {
    expect(parseDownloads(withBody({ ids, inline: true }))).toEqual({ ids, inline: true });
  });

  test.each([
    [{}, 'field_missing', 'ids'],
    [{ ids: [] }, 'ids_invalid', 'ids'],
    [{ ids: [...ids, 'one-more'] }, 'ids_invalid', 'ids'],
    [{ ids: ['a', 7] }, 'ids_invalid', 'ids.1'],
    [{ ids, inline: 'yes' }, 'inline_invalid', 'inline'],
  ])('is refused when it is wrong: %#', (body, code, field) => {
    expect(refusalOf(() => parseDownloads(withBody(body)))).toEqual({ code, field });
  });
});

test.each([
  [undefined, false],
  [{}, false],
  [{ scope: 'own' }, false],
  [{ scope: 'tenant' }, true],
])('a listing that is asked for with %j is of the tenant: %s', (query, is) => {
  expect(isOfTenant(query)).toBe(is);
});

test.each(['', 'all', 'Tenant'])('a listing of the scope %j is refused', (scope) => {
  expect(refusalOf(() => isOfTenant({ scope }))).toEqual({ code: 'scope_invalid', field: 'scope' });
});

test.each([
  ['photo.jpg', ['photo.jpg']],
  ['my%20photo.jpg', ['my%20photo.jpg', 'my photo.jpg']],
  ['100%.jpg', ['100%.jpg']],
])('the part %j of a path may stand for %j', (segment, names) => {
  expect(namesIn(segment)).toEqual(names);
});
