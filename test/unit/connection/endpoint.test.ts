import { endpointOf, usesPathStyle } from '@sluice/connection/endpoint';
import { resolveSettings, type SettingSources } from '@sluice/connection/settings/resolve';
import { expect, test } from 'vitest';

function setup(from: SettingSources) {
  const settings = resolveSettings(from);
  const s3 = endpointOf(settings, 's3');
  return { s3, sqs: endpointOf(settings, 'sqs'), pathStyle: usesPathStyle(settings, s3) };
}

function profile(keys: Record<string, string>) {
  return { place: '[default] of ~/.aws/config', keys };
}

test('gives one service its own endpoint and the others the general one', () => {
  const environment = { AWS_ENDPOINT_URL: 'http://general', AWS_ENDPOINT_URL_S3: 'http://s3' };
  expect(setup({ environment })).toMatchObject({ s3: 'http://s3', sqs: 'http://general' });
});

test("lets a general endpoint of a stronger source win over a service's own", () => {
  const from = {
    environment: { AWS_ENDPOINT_URL: 'http://environment' },
    profile: profile({ 'services.s3.endpoint_url': 'http://file' }),
  };
  expect(setup(from).s3).toBe('http://environment');
});

test('forgets configured endpoints, but not one in code, when told to ignore them', () => {
  const environment = { AWS_ENDPOINT_URL: 'http://environment', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' };
  expect(setup({ environment }).s3).toBeUndefined();
  expect(setup({ environment, code: { endpoint: 'http://code' } }).s3).toBe('http://code');
});

test.each([
  ['http://127.0.0.1:4566', true],
  ['http://[::1]:4566', true],
  ['http://localhost:4566', true],
  ['http://minio:9000', true],
  ['https://minio.example.com', true],
  ['https://amazonaws.com.example.com', true],
  ['https://notamazonaws.com', true],
  ['https://s3.eu-central-1.amazonaws.com', false],
  ['https://s3.cn-north-1.amazonaws.com.cn', false],
  ['https://bucket.vpce-0a1b.s3.eu-west-1.vpce.amazonaws.com', false],
])('puts the bucket of %s into the path: %s', (endpoint, expected) => {
  expect(setup({ code: { endpoint } }).pathStyle).toBe(expected);
  expect(setup({ code: { endpoint, addressingStyle: 'virtual' } }).pathStyle).toBe(false);
  expect(setup({ code: { endpoint, addressingStyle: 'path' } }).pathStyle).toBe(true);
});
