import { Refusal } from '@sluice/contract/refusals';
import { describe, expect, test } from 'vitest';
import { choosePolicy } from '../../../src/lib/upload/choose-policy.ts';
import type { Policies, Policy } from '../../../src/lib/upload/policy.ts';

function policy(...types: Policy['types']): Policy {
  return {
    title: 'Policy',
    types,
    minBytes: 0,
    maxBytes: 1,
    checksum: 'optional',
    urlExpiresInSeconds: 60,
  };
}
const policies: Policies = {
  images: policy('image/png', 'image/jpeg'),
  papers: policy('application/pdf', 'image/png'),
};

function refusalOf(wish: Parameters<typeof choosePolicy>[1]) {
  try {
    choosePolicy(policies, wish);
  } catch (error) {
    return error instanceof Refusal ? { code: error.code, ...error.extras } : error;
  }
  return undefined;
}

describe('choosePolicy', () => {
  test('takes the named policy, even when an earlier one takes the type too', () => {
    expect(choosePolicy(policies, { policy: 'papers', contentType: 'image/png' })).toEqual([
      'papers',
      policies.papers,
    ]);
  });

  test('takes the first policy that takes the type when none is named', () => {
    expect(choosePolicy(policies, { contentType: 'image/png' })[0]).toBe('images');
    expect(choosePolicy(policies, { contentType: 'application/pdf' })[0]).toBe('papers');
  });

  test('finds the policy of a type that is declared by an alias', () => {
    expect(choosePolicy(policies, { contentType: 'image/JPG' })[0]).toBe('images');
  });

  test.each(['nothing', '', '__proto__', 'constructor', 'toString', 'IMAGES'])(
    'refuses the policy %j as unknown, naming the field and those there are',
    (name) => {
      expect(refusalOf({ policy: name, contentType: 'image/png' })).toEqual({
        code: 'policy_unknown',
        field: 'policy',
        detail: 'There is no such policy. Known: images, papers.',
      });
    },
  );

  test('refuses a type that the named policy does not take, listing what it takes', () => {
    expect(refusalOf({ policy: 'images', contentType: 'application/pdf' })).toEqual({
      code: 'type_not_allowed',
      field: 'contentType',
      detail: 'application/pdf is not taken. Allowed by images: image/png, image/jpeg.',
    });
  });

  test('refuses a type that no policy takes, listing what any takes, once each', () => {
    expect(refusalOf({ contentType: 'text/html' })).toEqual({
      code: 'type_not_allowed',
      field: 'contentType',
      detail: 'text/html is not taken. Allowed: image/png, image/jpeg, application/pdf.',
    });
  });
});
