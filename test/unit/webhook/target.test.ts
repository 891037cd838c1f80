import { describe, expect, test } from 'vitest';
import { isPublicAddress } from '../../../src/lib/webhook/address.ts';
import { LIMITS } from '../../../src/lib/webhook/endpoint.ts';
import { flawOfUrl } from '../../../src/lib/webhook/target.ts';

const INNER = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '169.254.170.2',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '::127.0.0.1',
  '::8.8.8.8',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b::808:808',
  '64:ff9b:1::808:808',
  '2002:7f00:1::',
  '2002:a9fe:a9fe::1',
  '2001::1',
  '2001:db8::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  '100::1',
  '5f00::1',
  '4000::1',
  'e000::1',
];

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '93.184.216.34',
  '172.32.0.1',
  '100.128.0.1',
  '2606:4700::1111',
  '2a00:1450:4001::8',
];

describe('an address', () => {
  test.each(INNER)('%s is not on the internet', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(PUBLIC)('%s is on the internet', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each(['', 'localhost', '1.2.3', 'example.com', '[::1]', '1.1.1.1:80', 'fe80::1%eth0'])(
    '"%s" is none',
    (text) => {
      expect(isPublicAddress(text)).toBe(false);
    },
  );
});

describe('the URL of a webhook', () => {
  test.each([
    'https://hooks.example.com/sluice?team=1',
    'https://hooks.example.com:8443/',
    'https://1.1.1.1/',
    'https://[2606:4700::1111]/hook',
    `https://hooks.example.com/${'a'.repeat(LIMITS.urlCharacters - 26)}`,
  ])('may be %s', (url) => {
    expect(flawOfUrl(url, 'public')).toBeUndefined();
  });

  test.each([
    ['http://hooks.example.com/', 'does not begin with https://'],
    ['ftp://hooks.example.com/', 'does not begin with https://'],
    ['file:///etc/passwd', 'does not begin with https://'],
    ['hooks.example.com', 'cannot be read'],
    ['', 'cannot be read'],
    ['https://user:pass@hooks.example.com/', 'holds a name or a password'],
    ['https://user@hooks.example.com/', 'holds a name or a password'],
    ['https://hooks.example.com/#part', 'has a fragment'],
    ['https://hooks.example.com/#', 'has a fragment'],
    ['https://hooks.example.com:25/', 'The port is 25'],
    ['https://hooks.example.com:22/', 'The port is 22'],
    ['https://hooks.example.com:80/', 'The port is 80'],
    ['https://localhost/', 'a host that is not on the internet'],
    ['https://localhost./', 'a host that is not on the internet'],
    ['https://%6cocalhost%2e/', 'a host that is not on the internet'],
    ['https://intranet./', 'a host that is not on the internet'],
    ['https://a.localhost/', 'a host that is not on the internet'],
    ['https://metadata.google.internal/', 'a host that is not on the internet'],
    ['https://printer.local./', 'a host that is not on the internet'],
    [`https://hooks.example.com/${'a'.repeat(LIMITS.urlCharacters - 25)}`, 'more than 2,048 characters'],
    // Every way to write 127.0.0.1 and 169.254.169.254.
    ['https://127.1/', 'an address that is not on the internet'],
    ['https://2130706433/', 'an address that is not on the internet'],
    ['https://0x7f.0.0.1/', 'an address that is not on the internet'],
    ['https://0177.0.0.1/', 'an address that is not on the internet'],
    ['https://0xa9fea9fe/', 'an address that is not on the internet'],
    ['https://１２７.０.０.１/', 'an address that is not on the internet'],
    ['https://[::ffff:169.254.169.254]/', 'an address that is not on the internet'],
    ['https://[::1]/', 'an address that is not on the internet'],
  ])('is refused as %s', (url, flaw) => {
    expect(flawOfUrl(url, 'public')).toContain(flaw);
  });

  test.each(INNER)('is refused with the address %s', (address) => {
    const host = address.includes(':') ? `[${address}]` : address;
    expect(flawOfUrl(`https://${host}/`, 'public')).toContain('is not on the internet');
  });

  test.each(['http://localhost:3000/hook', 'http://127.0.0.1:3000/', 'https://hooks.example.com/'])(
    'may be %s where the stack is local',
    (url) => {
      expect(flawOfUrl(url, 'anywhere')).toBeUndefined();
    },
  );

  test.each(['file:///etc/passwd', 'http://user:pass@localhost/', 'http://localhost/#part'])(
    'is refused as %s even there',
    (url) => {
      expect(flawOfUrl(url, 'anywhere')).toBeDefined();
    },
  );
});
