import { allowRead, allowWrite, tlsOnly, toPolicy } from '@sluice/connection/buckets/policy';
import { expect, test } from 'vitest';

const principals = ['arn:aws:iam::123456789012:role/app'];

test('denies plain HTTP for the bucket and everything in it', () => {
  expect(tlsOnly('photos')).toMatchObject({
    Effect: 'Deny',
    Principal: '*',
    Resource: ['arn:aws:s3:::photos', 'arn:aws:s3:::photos/*'],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  });
});

test('keeps a permission within its prefix, listing included', () => {
  const [read, list] = allowRead({ bucket: 'photos', principals, prefix: 'a/' });
  expect(read?.Resource).toEqual(['arn:aws:s3:::photos/a/*']);
  expect(list).toMatchObject({
    Resource: ['arn:aws:s3:::photos'],
    Condition: { StringLike: { 's3:prefix': 'a/*' } },
  });
});

test('lets a writer neither read nor delete', () => {
  const actions = allowWrite({ bucket: 'photos', principals }).flatMap(({ Action }) => Action);
  expect(actions).not.toContain('s3:GetObject');
  expect(actions).not.toContain('s3:DeleteObject');
});

test.each([[[]], [['*']], [['arn:aws:iam::*:root']]])('opens a bucket to nobody unnamed: %j', (everybody) => {
  expect(() => allowRead({ bucket: 'photos', principals: everybody })).toThrow('principals must be ARNs');
});

test('writes a policy that S3 can parse', () => {
  expect(JSON.parse(toPolicy([tlsOnly('photos')]))).toEqual({
    Version: '2012-10-17',
    Statement: [JSON.parse(JSON.stringify(tlsOnly('photos')))],
  });
});
