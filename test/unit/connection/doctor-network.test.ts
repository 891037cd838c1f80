import { decideNetwork } from '@sluice/connection/doctor/network';
import type { Probe } from '@sluice/connection/doctor/probe';
import { EndpointUnknownError } from '@sluice/connection/errors/network';
import { describe, expect, test } from 'vitest';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const DAY_MS = 86_400_000;

const good: Probe = {
  marks: { dns: 10, tcp: 30, tls: 60, firstByte: 100 },
  remoteAddress: '192.0.2.1',
  tls: { protocol: 'TLSv1.3', validTo: new Date(NOW + 90 * DAY_MS) },
  status: 403,
  skewMs: 300,
  error: undefined,
};

function setup(change: Partial<Probe> = {}, address = 'https://s3.example.com/', proxy?: string) {
  const findings = decideNetwork({ ...good, ...change }, { address: new URL(address), proxy, now: NOW });
  return { findings, about: (name: string) => findings.find(({ check }) => check === name) };
}

describe('the way to an endpoint', () => {
  test('is timed step by step, each without the steps before it', () => {
    const { findings } = setup();
    expect(findings.map(({ check, verdict, ms }) => [check, verdict, ms])).toEqual([
      ['dns', 'ok', 10],
      ['tcp', 'ok', 20],
      ['tls', 'ok', 30],
      ['first-byte', 'ok', 40],
      ['clock', 'ok', undefined],
    ]);
    expect(findings[0]?.detail).toBe('s3.example.com is 192.0.2.1');
  });

  test('ends at the look-up when the name does not exist', () => {
    const error = new EndpointUnknownError({ message: 'getaddrinfo ENOTFOUND s3.example.com' });
    const { findings } = setup({ marks: {}, tls: undefined, status: undefined, skewMs: undefined, error });
    expect(findings).toMatchObject([{ check: 'dns', verdict: 'fail', error: 'endpoint-unknown' }]);
  });

  test('needs no look-up for an IPv6 address', () => {
    expect(setup({}, 'https://[2001:db8::1]/').about('dns')?.detail).toContain('2001:db8::1 is an address');
  });

  test('is only as well known as the proxy lets it be', () => {
    const { about } = setup(
      { marks: { firstByte: 100 } },
      'https://s3.example.com/',
      'http://****@proxy:3128',
    );
    expect(about('proxy')?.detail).toBe('set: http://****@proxy:3128');
    expect(about('dns')?.detail).toBe('left to the proxy');
    expect(about('tcp')?.detail).toBe('tunnelled by the proxy');
  });

  test('is warned of when the certificate ends within two weeks', () => {
    const tls = { protocol: 'TLSv1.3', validTo: new Date(NOW + 13 * DAY_MS) };
    expect(setup({ tls }).about('tls')).toMatchObject({
      verdict: 'warn',
      detail: expect.stringContaining('13 more days'),
    });
  });

  test('is warned of when it has no TLS and leaves this machine', () => {
    expect(setup({}, 'http://s3.example.com/').about('tls')).toMatchObject({
      verdict: 'warn',
      fix: expect.stringContaining('https://'),
    });
  });

  test.each(['http://127.0.0.1:9000/', 'http://localhost:9000/', 'http://[::1]:9000/'])(
    'needs no TLS to %s',
    (address) => expect(setup({}, address).about('tls')?.verdict).toBe('ok'),
  );

  test('is warned of when the answer takes a second', () => {
    expect(setup({ marks: { ...good.marks, firstByte: 1_060 } }).about('first-byte')?.verdict).toBe('warn');
  });
});

describe('the clock', () => {
  test.each([
    [1_400, 'ok', 'in step with the endpoint'],
    [-1_400, 'ok', 'in step with the endpoint'],
    [30_000, 'ok', '30 s behind the endpoint'],
    [-90_000, 'warn', '90 s ahead of the endpoint'],
    [899_000, 'warn', '899 s behind the endpoint'],
    [900_000, 'warn', '900 s behind the endpoint'],
  ])('that is off by %i ms is told as %s: %s', (skewMs, verdict, detail) => {
    expect(setup({ skewMs }).about('clock')).toMatchObject({ verdict, detail });
  });

  test('cannot be compared when the endpoint sends no date, and that is said', () => {
    expect(setup({ skewMs: undefined }).about('clock')?.verdict).toBe('warn');
  });
});
