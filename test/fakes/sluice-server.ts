import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { UploadRequest } from '@sluice/client/client';
import type { NamedPolicy, Upload, UploadPage } from '@sluice/client/resource';
import { toDeclaredType } from '@sluice/contract/content-types';
import type { UploadEvent } from '@sluice/contract/event';
import type { State } from '@sluice/contract/state';
import { createWebhookSigner, signWebhook, toWebhookSecret } from '@sluice/contract/webhook-signature';
import { type Answer, readBody, reply } from './answer.ts';
import { type Fault, problemBody } from './fault.ts';
import { getObject, toXml } from './get-object.ts';
import { createMultipartUploads } from './multipart-uploads.ts';

export type Seen = {
  readonly route: string;
  /** with its question mark, if there is one */
  readonly query: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
};

type Settlement = { readonly state: State } & Partial<Pick<Upload, 'reason' | 'detail' | 'servedType'>>;

/**
 * A stand-in for the API, S3 and Cognito on one port of the loopback interface, for tests of what calls them.
 * It keeps uploads in memory, settles one at the second look at it, and does to single calls what a test asks
 * for.
 */
export async function startSluiceServer() {
  const uploads = new Map<string, Upload>();
  const keys = new Map<string, string>();
  const objects = new Map<string, Buffer>();
  const looks = new Map<string, number>();
  const faults = new Map<string, Fault[]>();
  const seen: Seen[] = [];
  const events: UploadEvent[] = [];
  const grants = new Map<string, { left: number; isRevoked: boolean }>();
  const webhooks = new Map<string, { readonly url: string; readonly secret: string }>();
  let tokens = ['token-1'];
  let serviceToken = 'token-1';
  let refusedToServices: string | undefined;
  let countsGrants = true;
  let settlement: Settlement = { state: 'accepted', servedType: 'text/plain' };
  let threats: Settlement = {
    state: 'rejected',
    reason: 'infected',
    detail: 'Found: Eicar-Test-Signature.',
  };
  const others: NamedPolicy[] = [];

  // Download URLs are numbered; those up to `expired` are refused, and so is what has no number.
  let signed = 0;
  let expired = 0;
  let broken: string | undefined;
  let bytesPerMsOf = (_range: string) => Number.POSITIVE_INFINITY;

  let isOld = false;
  const entryFaults = new Map<number, Answer[]>();

  let busy = 0;
  let quietSince = 0;

  const server = createServer((request, response) => {
    busy++;
    handle(request, response)
      .catch(() => response.destroy())
      .finally(() => {
        busy--;
        quietSince = performance.now();
      });
  });
  server.on('checkContinue', (request, response) => {
    // S3 judges the headers before it asks for the body.
    const url = new URL(request.url ?? '/', origin);
    const [, , id = '', part] = url.pathname.split('/');
    const refused = part === undefined ? undefined : multipart.judge(id, url);
    if (refused) return reply(response, ...refused);
    if (request.method === 'PUT' && objects.has(id)) return reply(response, 412, undefined);
    response.writeContinue();
    server.emit('request', request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const origin = `http://127.0.0.1:${address.port}`;
  const endpoint = `${origin}/stage/$default`;
  const multipart = createMultipartUploads(origin);

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', origin);
    const path = url.pathname.replace('/stage/$default', '');
    const id = /^\/(?:uploads(?!\/batch)|s3)\/([^/]+)/.exec(path)?.[1] ?? '';
    const route = `${request.method} ${path.replace(id || '\0', '{id}')}`;
    const fault = faults.get(route)?.shift();
    if (broken !== undefined && request.headers.range === broken) return void request.socket.destroy();
    if (fault?.kind === 'cut') return void request.socket.destroy();
    if (fault?.kind === 'silence') return void request.resume();
    const body = await readBody(
      request,
      fault?.kind === 'cut-in-body' ? fault.afterBytes : Number.POSITIVE_INFINITY,
    );
    seen.push({ route, query: url.search, headers: request.headers, body });
    if (fault?.kind === 'cut-in-body') return void request.socket.destroy();
    if (fault?.kind === 'answer') return reply(response, fault.status, fault.body, fault.headers);
    const [status, answer, headers] = await act({
      route,
      query: url.search,
      id,
      url,
      body,
      headers: request.headers,
    });
    if (fault?.kind === 'lose-answer') return void request.socket.destroy();
    const bytesPerMs = bytesPerMsOf(request.headers.range ?? '');
    if (Buffer.isBuffer(answer) && Number.isFinite(bytesPerMs)) {
      response.writeHead(status, headers);
      return trickle(response, answer, bytesPerMs);
    }
    return reply(response, status, answer, headers);
  };

  const act = async ({ route, id, url, body, headers }: Seen & { id: string; url: URL }): Promise<Answer> => {
    const open =
      route.includes('/s3/') ||
      ['POST /', 'GET /health', 'POST /oauth2/token'].includes(route) ||
      route.startsWith('GET /console/') ||
      route.startsWith('GET /files/');
    const bearer = (headers.authorization ?? '').replace('Bearer ', '');
    const grant = grants.get(bearer);
    if (!open && grant === undefined && !tokens.includes(bearer)) {
      return [401, { message: 'Unauthorized' }];
    }
    if (bearer === 'service-token' && route === refusedToServices) {
      return [403, problemBody(403, 'scope_missing')];
    }
    if (grant !== undefined && countsGrants && route === 'POST /uploads') {
      if (grant.isRevoked) return [403, problemBody(403, 'grant_revoked')];
      if (grant.left === 0) return [403, problemBody(403, 'grant_uploads_used_up')];
      grant.left -= 1;
    }
    const upload = uploads.get(id);
    switch (route) {
      case 'POST /':
        return signIn(JSON.parse(body.toString()));
      case 'GET /console/config.json':
        return [
          200,
          {
            signIn: {
              kind: 'cognito',
              region: 'us-east-1',
              clientId: 'client-1',
              endpoint: origin,
              tokenUrl: `${origin}/oauth2/token`,
            },
          },
        ];
      case 'POST /oauth2/token':
        return atob((headers.authorization ?? '').replace('Basic ', '')) === 'service-1:secret-1'
          ? [200, { access_token: serviceToken, token_type: 'Bearer', expires_in: 3_600 }]
          : [400, { error: 'invalid_client' }];
      case 'POST /uploads':
        return requestUpload(JSON.parse(body.toString()), String(headers['idempotency-key']));
      case 'GET /uploads':
        return [200, listUploads(url.searchParams)];
      case 'POST /downloads':
        return [200, { results: JSON.parse(body.toString()).ids.map(toResult) }];
      case 'GET /events':
        return [200, listEvents(url.searchParams)];
      case 'GET /policies':
        return [200, { policies: [POLICY, ...others], singleUploadMaxBytes: 5 * 1024 ** 3 }];
      case 'GET /usage':
        return [200, usageOf(url.searchParams)];
      case 'PUT /s3/{id}':
        if (objects.has(id)) return [412, undefined];
        objects.set(id, body);
        return [200, undefined];
      case 'POST /s3/{id}':
        objects.set(id, body);
        return [204, undefined];
      case 'GET /s3/{id}':
        if (Number(url.searchParams.get('signed')) <= expired)
          return [403, toXml('AccessDenied', 'Request has expired')];
        return objects.has(id) ? getObject(objects.get(id) ?? NOTHING, headers) : [404, toXml('NoSuchKey')];
      case 'POST /grants': {
        const { uploads: left } = JSON.parse(body.toString());
        const grantId = randomUUID();
        grants.set(`grant-${grantId}`, { left, isRevoked: false });
        return [201, { id: grantId, token: `grant-${grantId}`, taken: {}, left: {} }];
      }
      case 'POST /webhooks': {
        const added = { url: JSON.parse(body.toString()).url, secret: toWebhookSecret(randomBytes(32)) };
        const webhookId = randomUUID();
        webhooks.set(webhookId, added);
        return [201, { id: webhookId, ...added }];
      }
      case 'GET /health':
        return [200, { status: 'ok', version: '1.2.3' }];
    }
    const last = route.split('/').at(-1) ?? '';
    if (route.startsWith('DELETE /grants/')) {
      const found = grants.get(`grant-${last}`);
      if (found) found.isRevoked = true;
      return [204, undefined];
    }
    if (route.startsWith('DELETE /webhooks/')) {
      webhooks.delete(last);
      return [204, undefined];
    }
    if (route.startsWith('GET /files/')) {
      const file = uploads.get(route.split('/')[2] ?? '');
      return file?.state === 'accepted' && file.readers === 'anyone'
        ? [302, undefined, { location: `${origin}/s3/${file.id}?signed=${++signed}` }]
        : [404, problemBody(404, 'upload_not_found')];
    }
    if (route.startsWith('PUT /s3/{id}/')) return multipart.put(id, url, body);
    if (route.startsWith('POST /uploads/batch')) {
      return isOld ? [404, { message: 'Not Found' }] : actOnMany(route, body, headers);
    }
    if (upload === undefined) return [404, problemBody(404, 'upload_not_found')];
    switch (route) {
      case 'GET /uploads/{id}':
        return [
          200,
          {
            ...(await look(upload)),
            ...(bearer === 'service-token' && { owner: { tenant: 't', subject: 's' } }),
          },
        ];
      case 'PATCH /uploads/{id}': {
        const shared = { ...upload, readers: JSON.parse(body.toString()).readers };
        uploads.set(id, shared);
        return [200, shared];
      }
      case 'GET /uploads/{id}/download':
        return toDownload(upload);
      case 'POST /uploads/{id}/parts':
        return isOpen(upload) ? multipart.sign(id) : [409, problemBody(409, 'upload_not_open')];
      case 'GET /uploads/{id}/parts':
        return isOpen(upload) ? multipart.list(id) : [409, problemBody(409, 'upload_not_open')];
      case 'POST /uploads/{id}/complete': {
        if (objects.has(id)) return [200, upload];
        const made = await multipart.complete(upload);
        if (!Buffer.isBuffer(made)) return made;
        objects.set(id, made);
        return [200, upload];
      }
      case 'DELETE /uploads/{id}':
        multipart.drop(id);
        objects.delete(id);
        uploads.set(id, { ...upload, state: upload.state === 'accepted' ? 'deleted' : 'aborted' });
        return [204, undefined];
      default:
        return [404, { message: 'Not Found' }];
    }
  };

  /** Two events a page; the cursor is how many have been read. */
  const listEvents = (query: URLSearchParams) => {
    const types = query.get('type')?.split(',');
    const from = Number(query.get('after') ?? 0);
    const page = events.slice(from, from + 2);
    return {
      events: page.filter(({ type }) => types === undefined || types.includes(type)),
      cursor: String(from + page.length),
      more: from + page.length < events.length,
    };
  };

  /** Does each entry by the route for one, as the API does. */
  const actOnMany = async (route: string, body: Buffer, headers: Seen['headers']): Promise<Answer> => {
    const { uploads: requests, ids } = JSON.parse(body.toString());
    const entries: readonly unknown[] = requests ?? ids;
    if (entries.length < 1 || entries.length > 100) return [422, problemBody(422, 'batch_invalid')];
    const ones = {
      'POST /uploads/batch': 'POST /uploads',
      'POST /uploads/batch/status': 'GET /uploads/{id}',
      'POST /uploads/batch/delete': 'DELETE /uploads/{id}',
    };
    const one = new Map(Object.entries(ones)).get(route) ?? '';
    const results: object[] = [];
    for (const [n, entry] of entries.entries()) {
      const fault = entryFaults.get(n)?.shift();
      const [status, answer] =
        fault ??
        (await act({
          route: one,
          query: '',
          id: String(entry),
          url: new URL(origin),
          body: Buffer.from(JSON.stringify(entry)),
          headers: { ...headers, 'idempotency-key': `${headers['idempotency-key']}.${n}` },
        }));
      results.push(status < 300 ? { status, upload: answer } : { status, problem: answer });
    }
    return [200, { results }];
  };

  const toDownload = ({ id, state, reason }: Upload): Answer => {
    if (state === 'accepted')
      return [200, { url: `${origin}/s3/${id}?signed=${++signed}`, expiresAt: '2030-01-01T00:00:00.000Z' }];
    if (state === 'rejected') return [410, problemBody(410, 'upload_rejected', { state, reason })];
    const isOver = state !== 'requested' && state !== 'verifying';
    return isOver ? [410, problemBody(410, 'upload_ended')] : [409, problemBody(409, 'not_verified_yet')];
  };

  const toResult = (id: string) => {
    const upload = uploads.get(id);
    const [status, answer] = upload ? toDownload(upload) : [404, problemBody(404, 'upload_not_found')];
    return { status, ...(status === 200 ? (answer as object) : { problem: answer }) };
  };

  const signIn = ({ AuthFlow, AuthParameters, ChallengeName }: SignIn): Answer => {
    const needsPassword = AuthFlow !== 'REFRESH_TOKEN_AUTH' && ChallengeName === undefined;
    const good = !needsPassword || AuthParameters?.PASSWORD === 'open-sesame';
    if (!good) return [400, { __type: 'NotAuthorizedException', message: 'Incorrect username or password.' }];
    return [
      200,
      { AuthenticationResult: { IdToken: tokens.at(-1), RefreshToken: 'refresh-1', ExpiresIn: 3600 } },
    ];
  };

  const requestUpload = (declared: UploadRequest, key: string): Answer => {
    const id = keys.get(key) ?? randomUUID();
    keys.set(key, id);
    const upload: Upload = {
      ...declared,
      contentType: toDeclaredType(declared),
      policy: declared.policy ?? 'everything',
      metadata: declared.metadata ?? {},
      transport: declared.transport ?? 'put',
      id,
      state: uploads.get(id)?.state ?? 'requested',
      createdAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2096-01-01T00:15:00.000Z',
    };
    uploads.set(id, upload);
    const url = `${origin}/s3/${id}`;
    if (upload.transport === 'multipart') {
      return [201, { ...upload, multipart: multipart.open(id, declared.size) }];
    }
    const grant =
      upload.transport === 'post'
        ? { post: { url, fields: { key: `t/${id}`, policy: 'e30=', 'content-type': upload.contentType } } }
        : {
            put: {
              url,
              method: 'PUT',
              headers: {
                'content-length': String(upload.size),
                'content-type': upload.contentType,
                'if-none-match': '*',
              },
            },
          };
    return [201, { ...upload, ...grant }, { location: `/uploads/${id}` }];
  };

  const look = async (upload: Upload): Promise<Upload> => {
    if (!objects.has(upload.id) || (upload.state !== 'requested' && upload.state !== 'verifying'))
      return upload;
    const times = (looks.get(upload.id) ?? 0) + 1;
    looks.set(upload.id, times);
    const isMarkup = objects.get(upload.id)?.subarray(0, 2).toString() === '<!';
    const isThreat = objects.get(upload.id)?.includes('EICAR') ?? false;
    const judged = isThreat ? threats : settlement;
    const verdict: Settlement = isMarkup ? { state: 'rejected', reason: 'active_content' } : judged;
    const next: Upload =
      times < 2
        ? { ...upload, state: 'verifying' }
        : { ...upload, ...verdict, settledAt: '2026-01-01T00:00:02.000Z' };
    uploads.set(upload.id, next);
    if (next.state === 'accepted') await tell(next);
    return next;
  };

  /** What the bus and the webhooks bring to those who listen. */
  const tell = async ({ id, filename, settledAt = '' }: Upload): Promise<void> => {
    const type = 'upload.accepted';
    const data = { id, state: 'accepted', filename } as UploadEvent['data'];
    events.push({ id: `${id}.accepted`, type, subject: id, time: settledAt, data } as UploadEvent);
    const body = JSON.stringify({ type, timestamp: settledAt, data });
    const message = { id: `${id}.accepted`, timestamp: Math.floor(Date.now() / 1_000), body };
    for (const { url, secret } of webhooks.values()) {
      const headers = { ...signWebhook(message, [createWebhookSigner(secret)]) };
      await fetch(url, { method: 'POST', headers, body });
    }
  };

  const listUploads = (query: URLSearchParams): UploadPage => {
    const all = [...uploads.values()].filter(
      (upload) =>
        (!query.has('state') || upload.state === query.get('state')) &&
        (!query.has('reference') || upload.reference === query.get('reference')) &&
        (query.get('scope') !== 'tenant' || (upload.readers ?? 'owner') !== 'owner'),
    );
    const from = Number(query.get('cursor') ?? 0);
    const to = from + Number(query.get('limit') ?? 50);
    return { uploads: all.slice(from, to), ...(to < all.length && { cursor: String(to) }) };
  };

  return {
    multipart,
    endpoint,
    origin,
    uploads,
    objects,
    seen,
    events,
    grants,
    webhooks,
    /** Queues faults for the next calls of a route such as `PUT /s3/{id}`. */
    fail: (route: string, ...next: Fault[]) => faults.set(route, [...(faults.get(route) ?? []), ...next]),
    /** Queues answers for the entry at a position of the next batches. */
    failEntry: (position: number, ...next: Answer[]) => entryFaults.set(position, next),
    /** Is a version that takes no batches, from now on. */
    beOld: () => {
      isOld = true;
    },
    /** Services have a token of their own, and get nothing of this route by it. */
    refuseServices: (route: string | undefined) => {
      serviceToken = 'service-token';
      tokens = [...tokens, serviceToken];
      refusedToServices = route;
    },
    /** Lets every grant in, whatever was taken of it. */
    forgetGrants: () => {
      countsGrants = false;
    },
    /** How uploads end from now on. */
    settleAs: (next: Settlement) => {
      settlement = next;
    },
    /** How uploads in which a scanner finds its test file end from now on. */
    settleThreatsAs: (next: Settlement) => {
      threats = next;
    },
    /** Takes uploads under one more policy. */
    addPolicy: (policy: NamedPolicy) => void others.push(policy),
    /** Which tokens are good from now on; Cognito hands out the last. */
    accept: (...next: string[]) => {
      tokens = next;
    },
    /** Refuses the first so many of the download URLs that are given out. */
    expireUrls: (count: number) => {
      expired = count;
    },
    /** Breaks the connection of every GET of this range, until told otherwise. */
    break: (range: string | undefined) => {
      broken = range;
    },
    /** How fast objects are sent from now on, by the range that is asked for. */
    slowDown: (next: (range: string) => number) => {
      bytesPerMsOf = next;
    },
    /** True when nothing has come for a moment: what a client has broken off may still be on its way. */
    isQuiet: () => busy === 0 && performance.now() - quietSince > 30,
    calls: (route: string) => seen.filter((call) => call.route === route),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const NOTHING = Buffer.alloc(0);

async function trickle(response: ServerResponse, bytes: Buffer, bytesPerMs: number): Promise<void> {
  const step = bytesPerMs * 5;
  for (let at = 0; at < bytes.length && !response.destroyed; at += step) {
    response.write(bytes.subarray(at, at + step));
    await setTimeout(5);
  }
  response.end();
}

export type SluiceServer = Awaited<ReturnType<typeof startSluiceServer>>;

type SignIn = {
  readonly AuthFlow?: string;
  readonly ChallengeName?: string;
  readonly AuthParameters?: Readonly<Record<string, string>>;
};

function isOpen({ state }: Upload): boolean {
  return state === 'requested';
}

const POLICY = {
  name: 'everything',
  title: 'Everything',
  types: ['text/plain', 'image/png'],
  minBytes: 0,
  maxBytes: 1024 ** 3,
  checksum: 'optional',
  urlExpiresInSeconds: 900,
};

/** Of whom was asked, as a deployment with a quota of bytes tells it. */
function usageOf(query: URLSearchParams) {
  const owner = query.get('owner') ?? (query.has('tenant') ? undefined : 'ada');
  return {
    tenant: query.get('tenant') ?? 'acme',
    ...(owner !== undefined && { subject: owner }),
    all: { files: 3, bytes: 2048, limits: { bytes: 1024 ** 2 }, left: { bytes: 1024 ** 2 - 2048 } },
    policies: { everything: { files: 1, bytes: 5, limits: { files: 2 }, left: { files: 1 } } },
    ...(owner !== undefined && { unfinished: { files: 0, limits: { files: 9 }, left: { files: 9 } } }),
  };
}
