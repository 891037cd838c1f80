import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { check } from '../../../src/lib/http/parse-body.ts';
import { bodyOf, code, looseBodyOf, refusedAs } from '../../../src/lib/http/refused-as.ts';

const Part = v.strictObject({
  partNumber: v.pipe(v.number(), v.minValue(1)),
  etag: refusedAs('part_etag_invalid', v.pipe(v.string(), v.maxLength(3))),
});
const Body = bodyOf({
  size: refusedAs('size_invalid', v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  policy: v.exactOptional(refusedAs('policy_unknown', v.string())),
  parts: v.exactOptional(refusedAs('part_numbers_invalid', v.pipe(v.array(Part), v.maxLength(1)))),
});

function refusalOf(schema: Parameters<typeof check>[0], value: unknown) {
  try {
    check(schema, value);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('a field names its refusal once', () => {
  test.each([
    [{ size: '1' }, 'size_invalid', 'size'],
    [{ size: 1.5 }, 'size_invalid', 'size'],
    [{ size: -1 }, 'size_invalid', 'size'],
    [{ size: 1, policy: null }, 'policy_unknown', 'policy'],
    [{ size: 1, parts: {} }, 'part_numbers_invalid', 'parts'],
    [{ size: 1, parts: [1] }, 'part_numbers_invalid', 'parts.0'],
    [{ size: 1, parts: [{ partNumber: 0, etag: '' }] }, 'part_numbers_invalid', 'parts.0.partNumber'],
    [{ size: 1, parts: [{ partNumber: 1, etag: 'long' }] }, 'part_etag_invalid', 'parts.0.etag'],
    [{ size: 1, parts: [{ partNumber: 1 }] }, 'field_missing', 'parts.0.etag'],
    [{ size: 1, other: 1 }, 'field_unknown', 'other'],
    [{}, 'field_missing', 'size'],
  ])('%j is refused as %s at %s', (value, refusal, field) => {
    expect(refusalOf(Body, value)).toMatchObject({ code: refusal, extras: { field } });
  });

  test.each([[[]], [null], ['text'], [1], [[{ size: 1 }]]])('%j is no body, strict or not', (value) => {
    expect(refusalOf(Body, value)).toMatchObject({ code: 'body_malformed' });
    expect(refusalOf(looseBodyOf({}), value)).toMatchObject({ code: 'body_malformed' });
  });

  test('a check may name another', () => {
    const named = refusedAs(
      'metadata_invalid',
      v.pipe(
        v.string(),
        v.check((text) => text !== 'aws:', code('metadata_key_reserved')),
      ),
    );
    expect(refusalOf(named, 'aws:')).toMatchObject({ code: 'metadata_key_reserved' });
    expect(refusalOf(named, 1)).toMatchObject({ code: 'metadata_invalid' });
  });

  test('what is as described is returned as it is', () => {
    const value = { size: 1, parts: [{ partNumber: 1, etag: '"e"' }] };
    expect(check(Body, value)).toEqual(value);
    expect(check(looseBodyOf({ size: Body.pipe[1].entries.size }), { size: 1, more: 2 })).toEqual({
      size: 1,
    });
  });

  test('a field without one does not compile', () => {
    // @ts-expect-error -- a bare schema would be refused as a body that is no JSON object
    bodyOf({ size: v.number() });
    // @ts-expect-error -- as above, at the top
    expect(() => check(v.object({ size: v.number() }), {})).toThrow();
    // @ts-expect-error -- only a body is malformed as a body
    refusedAs('body_malformed', v.string());
  });
});
