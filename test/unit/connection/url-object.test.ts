import { randomUUID } from 'node:crypto';
import {
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { classify } from '@sluice/connection/classify';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { findTarget, saveObject } from '@sluice/connection/transfers/save';
import { openUrl, type UrlObjectRequest } from '@sluice/connection/transfers/url-object';
import { describe, expect, test } from 'vitest';
import { reply } from '../../fakes/answer.ts';
import { getObject, toXml } from '../../fakes/get-object.ts';
import { serve } from './servers/server.ts';

const content = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index % 251));

type Answer = (request: IncomingMessage, response: ServerResponse, asked: number) => boolean;

/**
 * A folder, and an object behind URLs that are numbered; `misbehave` may answer the n-th GET in another way.
 */
async function setup(misbehave: Answer = () => false) {
  const folder = mkdtempSync(join(tmpdir(), 'url-object-'));
  const asked: string[] = [];
  const server = await serve((request, response) => {
    asked.push(`${request.url} ${request.headers.range}`);
    if (misbehave(request, response, asked.length)) return;
    const [status, body, headers] = getObject(content, request.headers);
    reply(response, status, body, headers);
  });
  let signed = 1;
  const toUrl = () => `${server.url}/object?signature=${signed}`;
  const urls = {
    current: async () => toUrl(),
    renew: async () => {
      signed += 1;
      return toUrl();
    },
  };
  const path = join(folder, 'out');
  const save = async (more: Partial<UrlObjectRequest> = {}) => {
    const settings = resolveSettings({ code: { readTimeoutMs: 300, idleTimeoutMs: 300 } });
    using object = await openUrl({ urls, settings, shown: 'the film', identity: ['u-1'], ...more });
    await saveObject(object, await findTarget(path), {
      thresholdBytes: 1,
      partBytes: 400,
      concurrency: 1,
      resume: true,
    });
  };
  return {
    folder,
    url: server.url,
    path,
    asked,
    save,
    failed: (more?: Partial<UrlObjectRequest>) => save(more).then(() => undefined, classify),
    names: () => readdirSync(folder),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

const REFUSED = toXml('AccessDenied', 'Request has expired');

describe('an object behind a presigned URL', () => {
  test('is read by ranges of the bytes that its first one told of', async () => {
    await using world = await setup();
    await world.save();
    expect(readFileSync(world.path).equals(content)).toBe(true);
    expect(world.asked.map((line) => line.split(' ')[1])).toEqual([
      'bytes=0-0',
      'bytes=0-399',
      'bytes=400-799',
      'bytes=800-999',
    ]);
    expect(world.names()).toEqual(['out']);
  });

  test('is gone on with by another URL where the first has expired', async () => {
    await using world = await setup((request, response) => {
      const isOver = request.url?.endsWith('=1') === true && request.headers.range === 'bytes=400-799';
      if (isOver) reply(response, 403, REFUSED);
      return isOver;
    });
    await world.save();
    expect(readFileSync(world.path).equals(content)).toBe(true);
    expect(world.asked.slice(2)).toEqual([
      '/object?signature=1 bytes=400-799',
      '/object?signature=2 bytes=400-799',
      '/object?signature=2 bytes=800-999',
    ]);
  });

  test('is refused when another URL is refused as well, without a word of either', async () => {
    await using world = await setup((_request, response) => {
      reply(response, 403, REFUSED);
      return true;
    });
    const error = await world.failed();
    expect(error).toMatchObject({ code: 'access-denied', serviceCode: 'AccessDenied', httpStatus: 403 });
    expect(String(error?.message)).toBe('Request has expired');
    expect(world.asked).toHaveLength(2);
  });

  test.each<[string, Answer]>([
    [
      'the connection breaks in the middle of a range',
      (_request, response, asked) => {
        if (asked !== 3) return false;
        const [status, body, headers] = getObject(content, { range: 'bytes=400-799' });
        response.writeHead(status, headers);
        response.write(Buffer.isBuffer(body) ? body.subarray(0, 100) : '', () => response.destroy());
        return true;
      },
    ],
    [
      'its first byte does not come at once',
      (_request, response, asked) => {
        if (asked <= 2) response.destroy();
        return asked <= 2;
      },
    ],
    [
      'S3 is unavailable for a moment',
      (_request, response, asked) => {
        if (asked === 3) reply(response, 503, toXml('SlowDown'));
        return asked === 3;
      },
    ],
    ['S3 is silent for once', (_request, _response, asked) => asked === 3],
    [
      'other bytes come than were asked for',
      (_request, response, asked) => {
        if (asked !== 3) return false;
        const [status, body, headers] = getObject(content, { range: 'bytes=0-399' });
        reply(response, status, body, headers);
        return true;
      },
    ],
  ])('is whole in the end when %s', async (_what, misbehave) => {
    await using world = await setup(misbehave);
    await world.save();
    expect(readFileSync(world.path).equals(content)).toBe(true);
  });

  test('is not mixed with another that has taken its place', async () => {
    await using world = await setup((_request, response, asked) => {
      if (asked > 2) reply(response, 412, toXml('PreconditionFailed'));
      return asked > 2;
    });
    expect(await world.failed()).toMatchObject({ code: 'precondition-failed' });
    expect(world.names().filter((name) => name === 'out')).toEqual([]);
  });

  test('is refused when it has not the bytes that it must have', async () => {
    await using world = await setup();
    const error = await world.failed({ bytes: 999 });
    expect(error).toMatchObject({
      code: 'precondition-failed',
      message: 'the film has 1000 bytes, and is to have 999',
    });
  });

  test('is read as a whole from a store that knows no ranges', async () => {
    await using world = await setup((_request, response) => {
      reply(response, 200, content, { etag: '"e"', 'content-length': '1000' });
      return true;
    });
    const settings = resolveSettings({});
    const urls = { current: async () => `${world.url}/object`, renew: async () => '' };
    using object = await openUrl({ urls, settings, shown: 'the film', identity: [] });
    await saveObject(object, await findTarget(world.path), { partBytes: 2_000 });
    expect(readFileSync(world.path).equals(content)).toBe(true);
  });
});

describe('a server that means harm', () => {
  /** Sends bytes until nobody takes them any more, slowly enough for the test to do something else. */
  function pourForGood(response: ServerResponse, status: number, headers: Record<string, string>): boolean {
    response.writeHead(status, headers);
    const timer = setInterval(() => response.write(Buffer.alloc(16 * 1024, 'x')), 2);
    response.once('close', () => clearInterval(timer));
    return true;
  }

  test('is not followed to another address', async () => {
    let visits = 0;
    await using other = await serve((_request, response) => {
      visits += 1;
      reply(response, 200, content);
    });
    await using world = await setup((_request, response) => {
      reply(response, 307, '', { location: `${other.url}/object` });
      return true;
    });
    expect(await world.failed()).toMatchObject({ httpStatus: 307 });
    expect(visits).toBe(0);
  });

  test('is not listened to for good when its refusal has no end', async () => {
    await using world = await setup((_request, response) => pourForGood(response, 404, {}));
    expect(await world.failed()).toMatchObject({ httpStatus: 404 });
  });

  test('is cut off when the first byte has no end', async () => {
    const closed = Promise.withResolvers<void>();
    await using world = await setup((_request, response, asked) => {
      if (asked > 1) return false;
      response.once('close', () => closed.resolve());
      return pourForGood(response, 206, { etag: '"e"', 'content-range': 'bytes 0-0/1000' });
    });
    const urls = { current: async () => `${world.url}/object`, renew: async () => '' };
    using object = await openUrl({ urls, settings: resolveSettings({}), shown: 'the film', identity: [] });
    await closed.promise;
    expect(object.bytes).toBe(1_000);
  });

  test.each(['9007199254740993', '9'.repeat(20)])(
    'is not believed that an object has %s bytes',
    async (total) => {
      await using world = await setup((_request, response) => {
        const headers = { etag: '"e"', 'content-length': '1', 'content-range': `bytes 0-0/${total}` };
        reply(response, 206, Buffer.alloc(1), headers);
        return true;
      });
      expect(await world.failed()).toMatchObject({ code: 'response-streaming' });
      expect(world.names()).toEqual([]);
    },
  );
});

test('a download that fails takes nothing from another of the same object to the same file', async () => {
  const isStarted = Promise.withResolvers<void>();
  const hasFailed = Promise.withResolvers<void>();
  await using world = await setup((request, response) => {
    if (request.headers.range === 'bytes=0-0') return false;
    if (request.url?.startsWith('/other')) reply(response, 404, toXml('NoSuchKey'));
    else {
      isStarted.resolve();
      void hasFailed.promise.then(() => {
        const [status, body, headers] = getObject(content, request.headers);
        reply(response, status, body, headers);
      });
    }
    return true;
  });
  const saved = world.save();
  await isStarted.promise;
  const url = `${world.url}/other`;
  const failed = world.failed({ urls: { current: async () => url, renew: async () => url } });
  expect(await failed).toMatchObject({ serviceCode: 'NoSuchKey' });
  hasFailed.resolve();
  await saved;
  expect(readFileSync(world.path).equals(content)).toBe(true);
  expect(world.names()).toEqual(['out']);
});

describe('a folder that others can write to', () => {
  /** Leaves a draft with a range in it, as a download that broke off, and names it. */
  async function setupBegun() {
    let isBroken = true;
    const world = await setup((_request, response, asked) => {
      if (!isBroken || asked < 3) return false;
      reply(response, 404, toXml('NoSuchKey'));
      return true;
    });
    await world.failed();
    isBroken = false;
    const [draft = '', journal = ''] = world.names().map((name) => join(world.folder, name));
    const victim = join(world.folder, 'victim');
    writeFileSync(victim, 'precious');
    return { world, draft, journal, victim };
  }

  test.each([
    ['draft', symlinkSync],
    ['journal', symlinkSync],
    ['draft', linkSync],
    ['journal', linkSync],
  ] as const)('holds no %s that leads to another file by a %o', async (kind, plant) => {
    const { world, victim, ...planted } = await setupBegun();
    await using _ = world;
    rmSync(planted[kind]);
    plant(victim, planted[kind]);
    await world.save();
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(readFileSync(world.path).equals(content)).toBe(true);
    expect(lstatSync(world.path).isFile()).toBe(true);
    expect(world.names().toSorted()).toEqual(['out', 'victim']);
  });

  test('holds no journal that never ends', async () => {
    const { world, journal } = await setupBegun();
    await using _ = world;
    rmSync(journal);
    symlinkSync('/dev/zero', journal);
    await world.save();
    expect(readFileSync(world.path).equals(content)).toBe(true);
  });
});

describe('drafts of a file that no process is at any more', () => {
  test('are removed once nothing has been written to them for a day, and no other file is', async () => {
    await using world = await setup();
    const [old, young, other] = [
      `.out.${randomUUID()}.part`,
      `.out.${randomUUID()}.part`,
      `.outer.${randomUUID()}.part`,
    ];
    for (const name of [old, young, other, '.out.part']) writeFileSync(join(world.folder, name), 'x');
    const dayAgo = Date.now() / 1000 - 90_000;
    for (const name of [old, other, '.out.part']) utimesSync(join(world.folder, name), dayAgo, dayAgo);
    await world.save();
    expect(world.names().toSorted()).toEqual(['.out.part', other, young, 'out'].toSorted());
  });
});
