import { expect, test } from 'vitest';
import { toFacts } from '../../../src/lib/aws/object-answers.ts';

const head = { ContentLength: 3, ETag: '"900150983cd24fb0d6963f7d28e17f72"' };

test('an ETag is the MD5 of what S3 encrypts by keys of its own', () => {
  expect(toFacts({ ...head, ServerSideEncryption: 'AES256' }).md5).toBe('900150983cd24fb0d6963f7d28e17f72');
});

test.each(['aws:kms', 'aws:kms:dsse'] as const)('an ETag under %s only says which version is meant', (by) => {
  const facts = toFacts({ ...head, ServerSideEncryption: by });
  expect(facts.md5).toBeUndefined();
  expect(facts.etag).toBe('900150983cd24fb0d6963f7d28e17f72');
});
