import { expect, test } from 'vitest';
import { parseClamdAddress } from '../../../src/lib/clamav/address.ts';

test.each([
  ['127.0.0.1:3310', { host: '127.0.0.1', port: 3310 }],
  ['clamd.internal:1', { host: 'clamd.internal', port: 1 }],
  ['[::1]:65535', { host: '::1', port: 65_535 }],
  ['/tmp/clamd.sock', { path: '/tmp/clamd.sock' }],
])('reads %s', (text, address) => {
  expect(parseClamdAddress(text)).toEqual(address);
});

test.each([
  '',
  'localhost',
  ':3310',
  'localhost:0',
  'localhost:65536',
  'localhost:http',
  '::1:3310',
  '/',
  'tmp/sock',
])('refuses "%s", and says what an address looks like', (text) => {
  expect(() => parseClamdAddress(text)).toThrow(
    'is host:port, such as 127.0.0.1:3310, or the path of a socket',
  );
});
