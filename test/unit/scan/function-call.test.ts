import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ADDRESS_SECONDS,
  ANSWER_SECONDS,
  parseFunctionAnswer,
  toFunctionCall,
  toFunctionError,
} from '../../../src/lib/scan/function-call.ts';
import { DOWNLOAD_EXPIRES_IN_SECONDS } from '../../../src/lib/upload/address.ts';
import { PART_URL_EXPIRES_IN_SECONDS } from '../../../src/lib/upload/sign-parts.ts';
import { aScanRequest } from './a-scan.ts';

function setup() {
  const schema = JSON.parse(readFileSync('docs/scanner-function.schema.json', 'utf8'));
  const ajv = new Ajv({ allErrors: true });
  formats.default(ajv);
  ajv.addSchema(schema);
  const validate = (name: string) => {
    const found = ajv.getSchema(`${schema.$id}#/definitions/${name}`);
    if (found === undefined) throw new Error(`the schema has no ${name}`);
    return found;
  };
  return { isCall: validate('call'), isAnswer: validate('answer') };
}

const ADDRESS = { url: 'https://example.com/object?x=1', expiresAt: new Date('2026-11-20T09:20:00Z') };

describe('what the function is called with', () => {
  test('is what the schema says, with and without a version', () => {
    const { isCall } = setup();
    const { versionId: _, ...unversioned } = aScanRequest();
    for (const request of [aScanRequest(), unversioned]) {
      expect(isCall(toFunctionCall(request, ADDRESS)), JSON.stringify(isCall.errors)).toBe(true);
    }
    expect(isCall(aScanRequest())).toBe(false);
  });

  test('has an address that outlives the wait, and that the buckets still take', () => {
    expect(ADDRESS_SECONDS).toBeGreaterThan(ANSWER_SECONDS);
    expect(ADDRESS_SECONDS).toBeLessThanOrEqual(
      Math.min(DOWNLOAD_EXPIRES_IN_SECONDS, PART_URL_EXPIRES_IN_SECONDS),
    );
  });
});

const TAKEN = [
  [{ outcome: 'clean' }, { outcome: 'clean' }],
  [{ outcome: 'clean', threats: [], engine: 7 }, { outcome: 'clean' }],
  [
    { outcome: 'infected', threats: ['Eicar'] },
    { outcome: 'infected', threats: ['Eicar'] },
  ],
  [{ outcome: 'infected' }, { outcome: 'infected' }],
  [
    { outcome: 'unsupported', detail: 'larger than 650 MB' },
    { outcome: 'unsupported', detail: 'larger than 650 MB' },
  ],
  [
    { outcome: 'failed', detail: 'busy' },
    { outcome: 'failed', detail: 'busy' },
  ],
] as const;

const REFUSED = [
  { outcome: 'ok' },
  { outcome: ['clean'] },
  {},
  { outcome: 'clean', threats: ['Eicar'] },
  { outcome: 'unsupported', threats: ['Eicar'] },
];

describe('what the function answers', () => {
  test.each(TAKEN)('%j is of the schema, and is taken', (answer, judgement) => {
    expect(setup().isAnswer(answer)).toBe(true);
    expect(parseFunctionAnswer(JSON.stringify(answer))).toEqual(judgement);
  });

  test.each(REFUSED)('%j is not of the schema, and is a failed scan', (answer) => {
    expect(setup().isAnswer(answer)).toBe(false);
    expect(parseFunctionAnswer(JSON.stringify(answer)).outcome).toBe('failed');
  });

  test.each([
    '',
    'null',
    '"clean"',
    '[]',
    'clean',
    JSON.stringify({ outcome: 'clean', x: 'x'.repeat(70_000) }),
  ])('nothing that is no small object is an answer', (text) => {
    expect(parseFunctionAnswer(text)).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('not a JSON object'),
    });
  });

  test('is clean only where the schema would take it, whatever it is', () => {
    const { isAnswer } = setup();
    const answers = fc.record(
      { outcome: fc.oneof(fc.constantFrom('clean', 'infected'), fc.jsonValue()), threats: fc.jsonValue() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(answers, (answer) => {
        const { outcome } = parseFunctionAnswer(JSON.stringify(answer));
        if (outcome === 'clean') expect(answer.outcome).toBe('clean');
        if (isAnswer(answer)) expect(outcome).toBe(answer.outcome);
      }),
    );
  });
});

test('of an error of the function its class is shown, and nothing that it says', () => {
  const payload = JSON.stringify({ errorType: 'TypeError', errorMessage: 'the key is hunter2' });
  expect(toFunctionError(payload)).toBe('The scanner function failed (TypeError)');
  expect(toFunctionError('')).toBe('The scanner function failed');
});
