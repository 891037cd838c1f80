import type { NamedPolicy } from '@sluice/client/resource';
import { chooseSample } from 'sluice/check/sample';
import { describe, expect, test } from 'vitest';
import { openShell, readLines } from './shell.ts';

function answer(status: number, body: unknown) {
  return { kind: 'answer', status, body } as const;
}

function policy(change: Partial<NamedPolicy>): NamedPolicy {
  return {
    name: 'any',
    title: 'Any',
    types: ['text/plain'],
    minBytes: 0,
    maxBytes: 1000,
    checksum: 'optional',
    urlExpiresInSeconds: 900,
    ...change,
  };
}

/** A shell, and what `sluice check` found in it by the name of the check. */
async function setup() {
  const shell = await openShell();
  const check = async () => {
    const { code, out } = await shell.sluice(['check', '--json']);
    const [report] = readLines(out) as [
      { kept: boolean; checks: { check: string; verdict: string; detail: string }[] },
    ];
    return { code, kept: report.kept, of: (name: string) => report.checks.find((one) => one.check === name) };
  };
  return { ...shell, check };
}

describe('sluice check', () => {
  test('tells that every promise is kept, and leaves nothing that could be read', async () => {
    await using world = await setup();
    const { code, out, err } = await world.sluice(['check']);
    expect(out.split('\n').map((line) => line.slice(0, 22).trim())).toEqual([
      'ok    health',
      'ok    token-needed',
      'ok    put',
      'ok    form',
      'ok    parts',
      'ok    unverified',
      'ok    dishonest',
      'ok    download',
      'ok    signature-needed',
      'ok    deleted',
      '',
    ]);
    expect(err).toContain('keeps what it promises');
    expect(code).toBe(0);
    const states = [...world.server.uploads.values()].map(({ state }) => state);
    expect(states).toHaveLength(5);
    expect(states).not.toContain('accepted');
  });

  test.each([
    ['health', 'GET /health', answer(503, {}), '503'],
    ['token-needed', 'GET /uploads', answer(200, { uploads: [] }), '200'],
    [
      'unverified',
      'GET /uploads/{id}/download',
      answer(200, { url: 'http://127.0.0.1:1/' }),
      'not_verified_yet',
    ],
    ['download', 'GET /s3/{id}', answer(200, 'other bytes'), 'other bytes'],
  ] as const)(
    'exits 3 when %s is not kept, and says what happened instead',
    async (name, route, fault, detail) => {
      await using world = await setup();
      world.server.fail(route, fault);
      const { code, kept, of } = await world.check();
      expect([code, kept]).toEqual([3, false]);
      expect(of(name)).toMatchObject({ verdict: 'fail', detail: expect.stringContaining(detail) });
    },
  );

  test('fails what sends when honest files are rejected, and skips what builds on it', async () => {
    await using world = await setup();
    world.server.settleAs({ state: 'rejected', reason: 'size_mismatch', detail: 'Too long.' });
    const { code, of } = await world.check();
    expect(code).toBe(3);
    expect(of('put')).toMatchObject({ verdict: 'fail', detail: 'an honest file was rejected: Too long.' });
    expect(of('deleted')?.verdict).toBe('skip');
  });

  test('fails when a file that is readable without a signature, or after it was deleted, still is', async () => {
    await using world = await setup();
    const open = answer(200, 'checked');
    // The third look at the object is the one without a signature; the one after that comes when it is
    // deleted.
    world.server.fail('GET /s3/{id}', answer(200, 'x'), open, open);
    const { of } = await world.check();
    expect(of('signature-needed')).toMatchObject({ verdict: 'fail' });
    expect(of('deleted')).toMatchObject({ verdict: 'fail', detail: expect.stringContaining('200') });
  });

  test('exits 3 and sends nothing when no policy takes a text', async () => {
    await using world = await setup();
    const policies = [policy({ types: ['image/png'] })];
    world.server.fail('GET /policies', answer(200, { policies, singleUploadMaxBytes: 5 }));
    const { code, err } = await world.sluice(['check']);
    expect(err).toContain('No policy takes text');
    expect(code).toBe(3);
    expect(world.server.uploads.size).toBe(0);
  });

  test('deletes what it made when it is stopped', async () => {
    await using world = await setup();
    const stop = new AbortController();
    // The download waits for ever, when all has been sent.
    world.server.fail('GET /s3/{id}', { kind: 'silence' });
    const running = world.sluice(['check'], { signal: stop.signal });
    await expect.poll(() => world.server.uploads.size).toBe(5);
    stop.abort();
    expect((await running).code).toBe(130);
    expect([...world.server.uploads.values()].map(({ state }) => state)).not.toContain('accepted');
  });

  test('exits 2 when it is given a name', async () => {
    await using world = await setup();
    expect((await world.sluice(['check', 'x'])).code).toBe(2);
  });
});

describe('the file it sends', () => {
  test('is of the first policy that takes a text, as long as that demands', () => {
    const sample = chooseSample([
      policy({ name: 'a', types: ['image/png'] }),
      policy({ name: 'b', minBytes: 500 }),
    ]);
    expect(sample).toMatchObject({
      policy: 'b',
      name: 'sluice-check.txt',
      type: 'text/plain',
      needsChecksum: false,
    });
    expect(sample?.content.length).toBeGreaterThanOrEqual(500);
  });

  test('declares a checksum where one is required', () => {
    expect(chooseSample([policy({ checksum: 'required' })])?.needsChecksum).toBe(true);
  });

  test.each([
    ['takes no text', { types: ['image/png'] }],
    ['takes nothing that short', { maxBytes: 3 }],
    ['takes large files only', { minBytes: 2 ** 30, maxBytes: 2 ** 40 }],
  ] as const)('does not exist where the policy %s', (_what, change) => {
    expect(chooseSample([policy(change)])).toBeUndefined();
  });
});
