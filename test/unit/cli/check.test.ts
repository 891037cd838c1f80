import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NamedPolicy } from '@sluice/client/resource';
import { chooseSample } from 'sluice/check/sample';
import { describe, expect, test } from 'vitest';
import { problemBody } from '../../fakes/fault.ts';
import { openShell, readLines, type ShellOptions } from './shell.ts';

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
  const check = async (options: ShellOptions = {}) => {
    const { code, out } = await shell.sluice(['check', '--json'], options);
    const [report] = readLines(out) as [
      { kept: boolean; checks: { check: string; verdict: string; detail: string }[] },
    ];
    return { code, kept: report.kept, of: (name: string) => report.checks.find((one) => one.check === name) };
  };
  return {
    ...shell,
    check,
    /** a user by their token, and a service by its credentials */
    asBoth: {
      SLUICE_ENDPOINT: shell.server.endpoint,
      SLUICE_TOKEN: 'token-1',
      SLUICE_CLIENT_ID: 'service-1',
      SLUICE_CLIENT_SECRET: 'secret-1',
    },
    /** Makes the server the local stack of the folder. */
    describeStack: async () => {
      await mkdir(join(shell.folder, '.sluice'), { recursive: true });
      const stack = { apiUrl: shell.server.endpoint, endpoint: shell.server.origin };
      await writeFile(join(shell.folder, '.sluice', 'stack.json'), JSON.stringify(stack));
    },
  };
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
      'none  scanned',
      'ok    download',
      'ok    signature-needed',
      'ok    readers',
      'ok    many',
      'ok    grants',
      'none  service',
      'none  events',
      'none  webhooks',
      'ok    deleted',
      '',
    ]);
    expect(err).toContain('keeps what it promises');
    expect(code).toBe(0);
    const states = [...world.server.uploads.values()].map(({ state }) => state);
    expect(states).toHaveLength(9);
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
    // Looks at the object: the download, the one without a signature, anyone's, and that after it is deleted.
    world.server.fail('GET /s3/{id}', answer(200, 'x'), open, open, open);
    const { of } = await world.check();
    expect(of('signature-needed')).toMatchObject({ verdict: 'fail' });
    expect(of('deleted')).toMatchObject({ verdict: 'fail', detail: expect.stringContaining('200') });
  });

  test('tries as a service what services alone may do, where it has credentials of one', async () => {
    await using world = await setup();
    world.server.refuseServices(undefined);
    const { of, kept } = await world.check({ env: world.asBoth });
    expect(of('service')).toMatchObject({ verdict: 'ok' });
    expect(of('events')).toMatchObject({ verdict: 'ok' });
    expect(of('webhooks')).toMatchObject({
      verdict: 'none',
      detail: expect.stringContaining('sluice webhooks test'),
    });
    expect(kept).toBe(true);
  });

  test('has a webhook of the local stack come to it, and removes that', async () => {
    await using world = await setup();
    await world.describeStack();
    const { of } = await world.check({ env: world.asBoth });
    expect(of('webhooks')).toMatchObject({
      verdict: 'ok',
      detail: expect.stringContaining('after the verdict'),
    });
    expect(world.server.calls('POST /webhooks')).toHaveLength(1);
    expect(world.server.webhooks.size).toBe(0);
  });

  test.each([
    ['service', 'GET /uploads/{id}', 'uploads.read'],
    ['events', 'GET /events', 'events'],
    ['webhooks', 'POST /webhooks', 'webhooks'],
  ] as const)('says that %s was not tried where the scope is missing', async (name, route, scope) => {
    await using world = await setup();
    await world.describeStack();
    world.server.refuseServices(route);
    const { of, kept, code } = await world.check({ env: world.asBoth });
    expect(of(name)).toMatchObject({
      verdict: 'none',
      detail: `not tried: the service lacks the scope ${scope}`,
    });
    expect([kept, code]).toEqual([true, 0]);
  });

  test.each([
    ['no policy demands a scanner', undefined],
    ['its scanner knows no malware', { scanners: ['inspection'] }],
    ['its policy takes no text', { scanners: ['clamav'], types: ['image/png'] }],
    ['its policy takes no file so small', { scanners: ['clamav'], minBytes: 69 }],
  ] as const)('sends no test file for scanners where %s', async (_, other) => {
    await using world = await setup();
    if (other) world.server.addPolicy(policy({ name: 'scanned', ...other }));
    const { of, kept } = await world.check();
    expect(of('scanned')).toMatchObject({
      verdict: 'none',
      detail: expect.stringMatching(/^not tried: no policy/),
    });
    expect(kept).toBe(true);
  });

  test.each(['clamav', 'guardduty', 'function'] as const)(
    'sends the test file under a policy that demands %s, which finds it',
    async (scanner) => {
      await using world = await setup();
      world.server.addPolicy(
        policy({ name: 'scanned', checksum: 'required', scanners: ['inspection', scanner] }),
      );
      const { of, kept } = await world.check();
      expect(of('scanned')).toMatchObject({ verdict: 'ok', detail: expect.stringContaining('Eicar') });
      expect(kept).toBe(true);
    },
  );

  test('exits 3 when the test file is accepted, or rejected for something else', async () => {
    await using world = await setup();
    world.server.addPolicy(policy({ name: 'scanned', scanners: ['clamav'] }));
    for (const settlement of [
      { state: 'accepted', servedType: 'text/plain' },
      { state: 'rejected', reason: 'unscannable', detail: 'It has a password.' },
    ] as const) {
      world.server.settleThreatsAs(settlement);
      const { of, code } = await world.check();
      expect(of('scanned')).toMatchObject({
        verdict: 'fail',
        detail: expect.stringContaining(`the test file was ${settlement.state}, not infected`),
      });
      expect(code).toBe(3);
    }
  });

  test.each([
    ['grants', 'POST /grants', answer(500, {}), '500'],
    ['many', 'POST /uploads/batch', answer(500, {}), '500'],
    ['readers', 'PATCH /uploads/{id}', answer(500, {}), '500'],
  ] as const)('exits 3 when %s is not kept', async (name, route, fault, detail) => {
    await using world = await setup();
    world.server.fail(route, ...Array(8).fill(fault));
    const { code, of } = await world.check();
    expect(code).toBe(3);
    expect(of(name)).toMatchObject({ verdict: 'fail', detail: expect.stringContaining(detail) });
  });

  test('fails grants when one file more than they allow is let in', async () => {
    await using world = await setup();
    world.server.forgetGrants();
    const { code, of } = await world.check();
    expect(code).toBe(3);
    expect(of('grants')).toMatchObject({
      verdict: 'fail',
      detail: 'one file more than the grant allows was let in, in place of grant_uploads_used_up',
    });
  });

  test('tries no address for all where the policy has no such readers', async () => {
    await using world = await setup();
    world.server.fail('PATCH /uploads/{id}', answer(422, problemBody(422, 'readers_not_allowed')));
    const { of, kept } = await world.check();
    expect(of('readers')).toMatchObject({ verdict: 'ok', detail: expect.stringContaining('was not tried') });
    expect(kept).toBe(true);
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
