import { CHECKSUM_ALGORITHMS } from '@sluice/contract/checksum';
import type { Charset } from '@sluice/contract/encoding';
import type { Declaration } from '@sluice/contract/upload';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, type Facts } from '../../../src/lib/upload/decide.ts';
import type { Policy } from '../../../src/lib/upload/policy.ts';

const SHA256 = { algorithm: 'sha256', value: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' } as const;

/** An upload that is accepted, to be spoilt in one way or several. */
function setup() {
  const declaration: Declaration = {
    filename: 'rows.csv',
    contentType: 'text/csv',
    size: 10,
    checksum: SHA256,
    metadata: {},
  };
  const policy: Policy = {
    title: 'Data',
    types: ['text/csv', 'application/json', 'image/png'],
    minBytes: 1,
    maxBytes: 100,
    checksum: 'optional',
    urlExpiresInSeconds: 60,
  };
  const facts: Facts = {
    size: 10,
    checksums: { sha256: SHA256.value },
    sniffed: { kind: 'recognised', type: 'text/csv' },
  };
  return { declaration, policy, facts };
}

const { declaration, policy, facts } = setup();
function spoilt(
  changes: { declaration?: Partial<Declaration>; policy?: Partial<Policy>; facts?: Partial<Facts> } = {},
) {
  return decide(
    { ...declaration, ...changes.declaration },
    { ...policy, ...changes.policy },
    { ...facts, ...changes.facts },
  );
}

describe('decide', () => {
  test('accepts an object whose size, checksum and type are as declared and allowed', () => {
    expect(spoilt()).toEqual({ accepted: true, servedType: 'text/csv; charset=utf-8' });
  });

  test('serves the canonical name when an alias was declared', () => {
    expect(
      spoilt({
        declaration: { contentType: 'image/X-PNG' },
        facts: { sniffed: { kind: 'recognised', type: 'image/png' } },
      }),
    ).toEqual({ accepted: true, servedType: 'image/png' });
  });

  test('rejects for the first cause in the order policy, size, checksum, type when several apply', () => {
    const wrongType = { sniffed: { kind: 'unrecognised', flaw: 'the bytes are not valid UTF-8' } } as const;
    const wrongSum = { ...wrongType, checksums: { sha256: 'other' } };
    const wrongSize = { ...wrongSum, size: 11 };
    expect(decide(declaration, undefined, { ...facts, ...wrongSize })).toMatchObject({
      reason: 'policy_gone',
    });
    expect(spoilt({ facts: wrongSize })).toMatchObject({ reason: 'size_mismatch' });
    expect(spoilt({ facts: wrongSum })).toMatchObject({ reason: 'checksum_mismatch' });
    expect(spoilt({ facts: { ...wrongType, checksums: {} } })).toMatchObject({ reason: 'checksum_missing' });
    expect(spoilt({ facts: wrongType })).toMatchObject({ reason: 'text_malformed' });
  });

  test.each(['gzip', 'br', 'gzip, aws-chunked'])(
    'rejects an object that was sent with Content-Encoding %s',
    (encoding) => {
      expect(spoilt({ facts: { contentEncoding: encoding } })).toMatchObject({ reason: 'content_encoded' });
    },
  );

  test.each(['', 'identity', 'aws-chunked'])('takes Content-Encoding %j for none', (encoding) => {
    expect(spoilt({ facts: { contentEncoding: encoding } })).toMatchObject({ accepted: true });
  });

  test.each([-1, 1, 1_000_000])(
    'rejects as size_mismatch when the object has %i bytes more than declared',
    (more) => {
      expect(spoilt({ facts: { size: 10 + more } })).toMatchObject({ reason: 'size_mismatch' });
    },
  );

  test.each([{ minBytes: 11 }, { maxBytes: 9 }])(
    'rejects as size_mismatch when the policy has changed to %o',
    (limits) => {
      expect(spoilt({ policy: limits })).toMatchObject({ reason: 'size_mismatch' });
    },
  );

  test('rejects an Office file with a password, but where the policy takes them', () => {
    const docx = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
    const locked = {
      declaration: { contentType: docx },
      facts: { sniffed: { kind: 'encrypted', types: [docx] } },
    } as const;
    expect(spoilt({ ...locked, policy: { types: [docx] } })).toMatchObject({ reason: 'encrypted' });
    expect(spoilt({ ...locked, policy: { types: [docx], encryptedOffice: 'taken' } })).toEqual({
      accepted: true,
      servedType: docx,
    });
  });

  test('accepts an empty object where the policy takes no bytes, and rejects it where it does not', () => {
    const empty = { declaration: { size: 0 }, facts: { size: 0 } };
    expect(spoilt({ ...empty, policy: { minBytes: 0 } })).toMatchObject({ accepted: true });
    expect(spoilt(empty)).toMatchObject({ reason: 'size_mismatch' });
  });

  test.each(CHECKSUM_ALGORITHMS)(
    'compares the declared %s with that one alone, character by character',
    (algorithm) => {
      const declared = { declaration: { checksum: { algorithm, value: 'AAAA' } } };
      expect(spoilt({ ...declared, facts: { checksums: { [algorithm]: 'AAAA' } } })).toMatchObject({
        accepted: true,
      });
      expect(spoilt({ ...declared, facts: { checksums: { [algorithm]: 'aaaa' } } })).toMatchObject({
        reason: 'checksum_mismatch',
      });
      expect(spoilt({ ...declared, facts: { checksums: {} } })).toMatchObject({ reason: 'checksum_missing' });
    },
  );

  test('rejects as checksum_missing when the policy has come to demand a checksum that was not declared', () => {
    const { checksum: _none, ...undeclared } = declaration;
    expect(decide(undeclared, { ...policy, checksum: 'required' }, facts)).toMatchObject({
      reason: 'checksum_missing',
    });
    expect(decide(undeclared, policy, { ...facts, checksums: {} })).toMatchObject({ accepted: true });
  });

  test.each([
    ['type_not_allowed', 'image/gif', { kind: 'recognised', type: 'image/gif' }],
    ['type_not_allowed', 'application/x-unheard-of', { kind: 'unrecognised', flaw: 'x' }],
    ['type_not_allowed', 'text/html', { kind: 'active', type: 'text/html', found: 'x' }],
    ['active_content', 'text/csv', { kind: 'active', type: 'text/html', found: 'x' }],
    ['active_content', 'image/png', { kind: 'active', found: 'x' }],
    ['type_unrecognised', 'image/png', { kind: 'unrecognised', flaw: 'x' }],
    ['text_malformed', 'application/json', { kind: 'unrecognised', flaw: 'x' }],
    ['text_malformed', 'application/json', { kind: 'recognised', type: 'text/plain' }],
    ['type_mismatch', 'image/png', { kind: 'recognised', type: 'text/plain' }],
    ['type_mismatch', 'text/csv', { kind: 'recognised', type: 'application/x-msdownload' }],
  ] as const)('rejects as %s when %s is declared and the bytes are %o', (reason, contentType, sniffed) => {
    expect(spoilt({ declaration: { contentType }, facts: { sniffed } })).toMatchObject({ reason });
  });

  describe('of a text that is not UTF-8', () => {
    const judge = (contentType: string, type: string, charset: Charset, encodings: Policy['encodings']) =>
      spoilt({
        declaration: { contentType },
        policy: encodings === undefined ? {} : { encodings },
        facts: { sniffed: { kind: 'recognised', type, charset } },
      });

    test.each([
      ['windows-1252', 'windows-1252'],
      ['utf-16', 'utf-16'],
      ['utf-16le', 'utf-16'],
      ['utf-16be', 'utf-16'],
    ] as const)('names %s when it is served, where the policy takes %s', (charset, encoding) => {
      expect(judge('text/csv', 'text/csv', charset, [encoding])).toEqual({
        accepted: true,
        servedType: `text/csv; charset=${charset}`,
      });
    });

    test.each([
      ['windows-1252', undefined],
      ['windows-1252', ['utf-16']],
      ['utf-16', ['windows-1252']],
      ['utf-16be', []],
    ] as const)('rejects %s where the policy takes %j, and says what to do', (charset, encodings) => {
      expect(judge('text/csv', 'text/csv', charset, encodings)).toEqual({
        accepted: false,
        reason: 'text_malformed',
        detail: expect.stringMatching(
          /which the policy does not take\. Save it as UTF-8; in Excel, as “CSV UTF-8”\.$/,
        ),
      });
    });

    test('rejects JSON whatever the policy takes, since JSON is UTF-8', () => {
      expect(judge('application/json', 'text/plain', 'utf-16', ['utf-16'])).toEqual({
        accepted: false,
        reason: 'text_malformed',
        detail: 'Declared as application/json, which is UTF-8, but the text is UTF-16. Save it as UTF-8.',
      });
    });

    test('says what to do with bytes that are no text, and nothing of the kind where there are none', () => {
      const flawed = (contentType: string, flaw: string, size: number) =>
        spoilt({
          declaration: { contentType, size },
          policy: { minBytes: 0 },
          facts: { size, sniffed: { kind: 'unrecognised', flaw } },
        });
      expect(flawed('text/csv', 'the bytes are not valid UTF-8', 3)).toMatchObject({
        detail: expect.stringMatching(/Save it as UTF-8; in Excel, as “CSV UTF-8”\.$/),
      });
      expect(flawed('application/json', 'the file is empty', 0)).toMatchObject({
        detail: 'Declared as application/json, but the file is empty.',
      });
    });

    test('rejects it as what it is where a picture was declared', () => {
      expect(judge('image/png', 'text/plain', 'utf-16', ['utf-16'])).toMatchObject({
        reason: 'type_mismatch',
      });
    });
  });

  test('accepts markup only as the very type that was declared and that the policy names', () => {
    const markup = {
      declaration: { contentType: 'image/svg+xml' },
      policy: { types: ['image/svg+xml'] },
    } as const;
    const found = 'markup at the start of the file';
    expect(
      spoilt({ ...markup, facts: { sniffed: { kind: 'active', type: 'image/svg+xml', found } } }),
    ).toEqual({ accepted: true, servedType: 'image/svg+xml' });
    expect(
      spoilt({ ...markup, facts: { sniffed: { kind: 'active', type: 'text/html', found } } }),
    ).toMatchObject({
      reason: 'active_content',
    });
  });

  test('accepts nothing but what is sniffed, declared and allowed all at once', () => {
    const types = ['text/csv', 'application/json', 'image/png', 'text/html', 'x/y'];
    const type = fc.constantFrom(...types);
    fc.assert(
      fc.property(type, type, fc.constantFrom('recognised', 'active'), (contentType, sniffedType, kind) => {
        const verdict = spoilt({
          declaration: { contentType },
          facts: { sniffed: { kind, type: sniffedType, found: 'x' } },
        });
        const allowed: readonly string[] = policy.types;
        expect(verdict.accepted).toBe(contentType === sniffedType && allowed.includes(contentType));
      }),
    );
  });
});
