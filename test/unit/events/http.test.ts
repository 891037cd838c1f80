// Every event of API Gateway's, through the function that it is for.
import { createHash } from 'node:crypto';
import type { Upload } from '@sluice/contract/upload';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createHandler as createAnnounceArrivals } from '../../../src/handlers/announce-arrivals.ts';
import { createHandler as createCompleteUpload } from '../../../src/handlers/complete-upload.ts';
import { createHandler as createConsole } from '../../../src/handlers/console.ts';
import { createHandler as createGrant } from '../../../src/handlers/create-grant.ts';
import { createHandler as createUppySession } from '../../../src/handlers/create-uppy-session.ts';
import { createHandler as createDeleteUpload } from '../../../src/handlers/delete-upload.ts';
import { createHandler as createDeleteUploads } from '../../../src/handlers/delete-uploads.ts';
import { createHandler as createDownloadUpload } from '../../../src/handlers/download-upload.ts';
import { handler as health } from '../../../src/handlers/health.ts';
import { createHandler as createListEvents } from '../../../src/handlers/list-events.ts';
import { createHandler as createListParts } from '../../../src/handlers/list-parts.ts';
import { createHandler as createListPolicies } from '../../../src/handlers/list-policies.ts';
import { createHandler as createListUploads } from '../../../src/handlers/list-uploads.ts';
import { createHandler as createOpenFile } from '../../../src/handlers/open-file.ts';
import { createHandler as createReadGrant } from '../../../src/handlers/read-grant.ts';
import { createHandler as createReadUpload } from '../../../src/handlers/read-upload.ts';
import { createHandler as createReadUploads } from '../../../src/handlers/read-uploads.ts';
import { createHandler as createReadUsage } from '../../../src/handlers/read-usage.ts';
import { createHandler as createRequestUpload } from '../../../src/handlers/request-upload.ts';
import { createHandler as createRequestUploads } from '../../../src/handlers/request-uploads.ts';
import { createHandler as createRevokeGrant } from '../../../src/handlers/revoke-grant.ts';
import { createHandler as createShareUpload } from '../../../src/handlers/share-upload.ts';
import { createHandler as createSignDownloads } from '../../../src/handlers/sign-downloads.ts';
import { createHandler as createSignParts } from '../../../src/handlers/sign-parts.ts';
import { createHandler as createUppy } from '../../../src/handlers/uppy.ts';
import { createHandler as createWebhookKeys } from '../../../src/handlers/webhook-keys.ts';
import { createHandler as createWebhooks } from '../../../src/handlers/webhooks.ts';
import type { EventFeed } from '../../../src/lib/event/ports.ts';
import { toBucket, toPosition } from '../../../src/lib/event/position.ts';
import type { UploadGrant } from '../../../src/lib/grant/grant.ts';
import { createPushSecrets } from '../../../src/lib/http/push-secrets.ts';
import { newDelivery } from '../../../src/lib/webhook/delivery.ts';
import { buildConsole, readPage } from '../../fakes/console-page.ts';
import { captureLog } from '../../fakes/log-lines.ts';
import { createMemoryFeed } from '../../fakes/memory-feed.ts';
import { anEvent } from '../event/an-event.ts';
import { flawsOf } from './openapi.ts';
import { WEBHOOK } from './webhooks-world.ts';
import {
  context,
  createWorld,
  FIXTURES,
  GRANT_ID,
  ID,
  INCOMING,
  KEY,
  NOW,
  OWNER,
  readEvent,
  UPLOAD_ID,
  type World,
} from './world.ts';

let folder = '';

type Handler = (event: never, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

const HANDLERS: Readonly<Record<string, (world: World) => Handler>> = {
  'announce-arrivals': (world) =>
    createAnnounceArrivals({
      secrets: createPushSecrets({ read: async () => [PUSH_SECRET], now: () => NOW, onFailure: () => {} }),
      incomingBucket: 'incoming',
      announce: async (arrivals) => void world.announced.push(...arrivals.map(({ key }) => key)),
    }),
  'complete-upload': createCompleteUpload,
  console: () =>
    createConsole({
      page: readPage(folder, {
        AWS_REGION: 'eu-central-1',
        INCOMING_BUCKET: INCOMING,
        STORE_BUCKET: 'store',
        JWT_ISSUER: 'https://id.example.com/',
      }),
    }),
  'create-grant': (world) => createGrant({ ...world, newId: () => GRANT_ID }),
  'create-uppy-session': createUppySession,
  'delete-upload': createDeleteUpload,
  'delete-uploads': createDeleteUploads,
  'download-upload': (world) => createDownloadUpload({ ...world, sign: world.signDownload }),
  health: () => health,
  'list-events': () =>
    createListEvents({ feed: feedWithOne(), now: () => NOW, retentionInSeconds: 30 * 86_400 }),
  'list-parts': createListParts,
  'list-policies': createListPolicies,
  'list-uploads': createListUploads,
  'open-file': (world) => createOpenFile({ ...world, sign: world.signDownload }),
  'read-grant': createReadGrant,
  'read-upload': createReadUpload,
  'read-uploads': createReadUploads,
  'read-usage': ({ grants: { counters }, policies }) =>
    createReadUsage({ counters, policies, settings: QUOTAS }),
  'request-upload': (world) =>
    createRequestUpload({ ...world, sign: world.signUpload, multipart: async () => world.multipart }),
  'request-uploads': (world) =>
    createRequestUploads({ ...world, sign: world.signUpload, multipart: async () => world.multipart }),
  'share-upload': createShareUpload,
  'sign-downloads': (world) => createSignDownloads({ ...world, sign: world.signDownload }),
  'revoke-grant': createRevokeGrant,
  'sign-parts': (world) => createSignParts({ ...world, sign: world.signParts }),
  webhooks: ({ webhooks }) => createWebhooks(webhooks),
  'webhook-keys': ({ webhooks }) => createWebhookKeys(webhooks),
  uppy: (world) => createUppy({ ...world, sign: world.signUpload }),
};

const QUOTAS = {
  counted: [],
  owner: { files: 3, bytes: 100 },
  tenant: { bytes: 500 },
  unfinished: 2,
} as const;
const EMPTY_MD5 = createHash('md5').update('').digest('hex');
const PUSH_SECRET = 'k'.repeat(64); // of the events
const IN_TWO_PARTS = {
  transport: 'multipart',
  size: 6,
  multipart: { uploadId: UPLOAD_ID, plan: { size: 6, partSize: 3, partCount: 2 } },
} satisfies Partial<Upload>;
const IN_PARTS = {
  transport: 'multipart',
  policy: 'media',
  multipart: { uploadId: UPLOAD_ID },
} satisfies Partial<Upload>;
const ACCEPTED = {
  state: 'accepted',
  settledAt: NOW,
  servedType: 'image/jpeg',
} satisfies Partial<Upload>;

/** Sends the first parts of the upload, with these bytes. */
function parts(...texts: readonly string[]) {
  return ({ multipart }: World) => {
    for (const [index, text] of texts.entries()) multipart.put(UPLOAD_ID, index + 1, text);
  };
}

/** Sends the parts that the events of Uppy name, by the ETags that they have there. */
function namedParts({ multipart }: World) {
  for (const [index, etag] of ['9bb58f26192e4ba00f01e2e7b136bbd8', EMPTY_MD5].entries()) {
    const bytes = Buffer.from('part');
    const part = { partNumber: index + 1, size: bytes.length, etag: `"${etag}"` };
    multipart.open.get(UPLOAD_ID)?.parts.set(part.partNumber, { part, bytes });
  }
}

type Case = {
  readonly row?: Partial<Upload>;
  readonly grant?: Partial<UploadGrant>;
  readonly prepare?: (world: World) => void;
  readonly status: number;
  /** what the answer's JSON has, at least */
  readonly body?: object;
  readonly after?: (world: World, answer: APIGatewayProxyStructuredResultV2) => void;
};

/** A feed in which one of the owner's uploads was accepted a minute ago. */
function feedWithOne(): EventFeed {
  const feed = createMemoryFeed();
  const at = NOW - 60_000;
  const event = anEvent({ id: `${ID}.accepted`, tenant: OWNER, time: new Date(at).toISOString() });
  feed.write(toBucket(at, 1), { position: toPosition(at, '7'), event });
  return feed;
}

const ONE_EVENT = { status: 200, body: { events: [{ id: `${ID}.accepted` }], more: false } };
const NO_EVENT = { status: 200, body: { events: [], cursor: expect.any(String), more: false } };

const NOT_FOUND = { status: 404, problem: { code: 'upload_not_found' } };
const PUT = { state: 'requested', id: ID, put: { method: 'PUT', headers: { 'if-none-match': '*' } } };

function announcesTheUpload({ announced }: World) {
  expect(announced).toEqual([KEY]);
}

function announcesNothing({ announced }: World) {
  expect(announced).toEqual([]);
}

function showsNoSecret(_world: World, answer: APIGatewayProxyStructuredResultV2) {
  expect(answer.body).not.toMatch(/whsec_|"secret"/);
}

/** A delivery of the upload's event that was given up. */
function withFailedDelivery({ webhooks }: World) {
  const key = { scope: '*', endpointId: WEBHOOK, eventId: `${ID}.accepted` };
  const {
    dueAt: _due,
    nextAttemptAt: _next,
    ...fresh
  } = newDelivery(key, { type: 'upload.accepted', body: '{}' }, NOW);
  const attempts = [{ at: NOW, ms: 12, status: 500, error: 'status' as const }];
  webhooks.rows.set(`${WEBHOOK} ${key.eventId}`, {
    ...fresh,
    state: 'failed',
    endReason: 'attempts_exhausted',
    attempts,
    attemptCount: 10,
  });
}

const CASES: Readonly<Record<string, Case>> = {
  'announce-arrivals.ceph-untyped': { status: 202, body: { announced: 1 }, after: announcesTheUpload },
  'announce-arrivals.malformed': {
    status: 422,
    body: { code: 'notification_invalid' },
    after: announcesNothing,
  },
  'announce-arrivals.minio': { status: 202, body: { announced: 1 }, after: announcesTheUpload },
  'announce-arrivals.no-secret': {
    status: 403,
    body: { code: 'push_secret_wrong' },
    after: announcesNothing,
  },
  'announce-arrivals.r2': { status: 202, body: { announced: 1 }, after: announcesTheUpload },
  'announce-arrivals.test-event': { status: 202, body: { announced: 0 }, after: announcesNothing },
  'announce-arrivals.versitygw': { status: 202, body: { announced: 1 }, after: announcesTheUpload },
  'announce-arrivals.wrong-secret': {
    status: 403,
    body: { code: 'push_secret_wrong' },
    after: announcesNothing,
  },
  'complete-upload.as-listed': {
    row: IN_TWO_PARTS,
    prepare: parts('abc', 'def'),
    status: 200,
    body: { id: ID, state: 'requested' },
    after: ({ objects }) => expect(objects.places.incoming.has(KEY)).toBe(true),
  },
  'complete-upload.named-parts': {
    row: { ...IN_PARTS, policy: 'data' },
    prepare: parts(''),
    status: 200,
    body: { id: ID },
    after: ({ objects }) => expect(objects.places.incoming.get(KEY)?.bytes).toHaveLength(0),
  },
  'console.file': { status: 200 },
  'console.page': {
    status: 200,
    after: (_world, { headers }) =>
      expect(headers?.['content-security-policy']).toContain("default-src 'none'"),
  },
  'create-grant.for-oneself': {
    status: 201,
    body: { id: GRANT_ID, owner: { tenant: OWNER, subject: OWNER }, left: { uploads: 3 } },
  },
  'create-grant.no-owner': { status: 422, body: { code: 'field_missing', field: 'owner' } },
  'create-grant.no-scope': { status: 403, body: { code: 'scope_missing' } },
  'create-grant.service': {
    status: 201,
    body: {
      id: GRANT_ID,
      token: 'slu2.AbCdEf12.payload.mac',
      companionUrl: 'https://api.example.com/uppy/slu2.AbCdEf12.payload.mac',
      expiresAt: new Date(NOW + 600_000).toISOString(),
      reference: 'order-7',
      taken: { uploads: 0, bytes: 0 },
      left: { uploads: 1, bytes: 1_048_576 },
    },
    after: (_world, { headers }) => expect(headers?.location).toBe(`grants/${GRANT_ID}`),
  },
  'create-uppy-session.defaults': {
    status: 201,
    body: { expiresAt: new Date(NOW + 3_600_000).toISOString() },
  },
  'create-uppy-session.limited': {
    status: 201,
    body: { expiresAt: new Date(NOW + 600_000).toISOString() },
  },
  'delete-upload.no-scope': {
    row: {},
    status: 403,
    body: { code: 'scope_missing', detail: 'This route asks for the scope uploads.delete.' },
    after: ({ row }) => expect(row()?.state).toBe('requested'),
  },
  'delete-upload.own': {
    row: {},
    status: 204,
    after: ({ row }) => expect(row()?.state).toBe('aborted'),
  },
  'delete-uploads.not-a-list': { status: 422, body: { code: 'batch_invalid', field: 'ids' } },
  'delete-uploads.several': {
    row: {},
    status: 200,
    body: { results: [{ status: 204 }, NOT_FOUND, NOT_FOUND] },
    after: ({ row }) => expect(row()?.state).toBe('aborted'),
  },
  'delete-upload.service': {
    row: {},
    status: 204,
    after: ({ row }) => expect(row()?.state).toBe('aborted'),
  },
  'download-upload.grant': {
    row: { ...ACCEPTED, grantId: 'grant-1' },
    status: 403,
    body: { code: 'caller_kind_refused' },
  },
  'download-upload.json': {
    row: ACCEPTED,
    status: 200,
    body: { url: expect.stringMatching(/X-Amz-Signature=/) },
  },
  'download-upload.redirect': {
    row: ACCEPTED,
    status: 302,
    after: (_world, { headers }) => expect(headers?.location).toMatch(/^https:.*X-Amz-Signature=/),
  },
  'download-upload.service-of-another-tenant': {
    row: ACCEPTED,
    status: 404,
    body: { code: 'upload_not_found' },
  },
  'health.get': { status: 200, body: { status: 'ok' } },
  'list-events.first-page': { status: 200, body: { events: [], cursor: expect.any(String), more: true } },
  'list-events.since': ONE_EVENT,
  'list-events.cursor': NO_EVENT,
  'list-events.bad-cursor': { status: 400, body: { code: 'cursor_invalid', field: 'after' } },
  'list-events.bad-since': { status: 400, body: { code: 'since_invalid', field: 'since' } },
  'list-events.unknown-type': { status: 400, body: { code: 'event_type_unknown', field: 'type' } },
  'list-events.own-tenant': { status: 200, body: { events: [], cursor: expect.any(String) } },
  'list-events.another-tenant': { status: 403, body: { code: 'tenant_not_served', field: 'tenant' } },
  'list-events.no-scope': { status: 403, body: { code: 'scope_missing' } },
  'list-events.user': { status: 403, body: { code: 'caller_kind_refused' } },
  'list-parts.own': {
    row: IN_TWO_PARTS,
    prepare: parts('abc'),
    status: 200,
    body: { partSize: 3, partCount: 2, parts: [{ partNumber: 1, size: 3 }] },
  },
  'list-policies.all': { status: 200, body: { policies: expect.any(Array) } },
  'list-uploads.bad-limit': { status: 400, body: { code: 'limit_invalid', field: 'limit' } },
  'list-uploads.by-reference': {
    row: { reference: 'order 4711' },
    status: 200,
    body: { uploads: [{ id: ID, reference: 'order 4711' }] },
  },
  'list-uploads.filtered': { row: ACCEPTED, status: 200, body: { uploads: [{ id: ID, state: 'accepted' }] } },
  'list-uploads.first-page': { row: {}, status: 200, body: { uploads: [{ id: ID, state: 'requested' }] } },
  'list-uploads.service': {
    row: {},
    status: 200,
    body: { uploads: [{ id: ID, owner: { tenant: OWNER, subject: OWNER } }] },
  },
  'list-uploads.service-of-a-tenant': {
    row: {},
    status: 200,
    body: { uploads: [{ id: ID, owner: { tenant: OWNER, subject: OWNER } }] },
  },
  'list-uploads.service-of-another-tenant': {
    row: {},
    status: 403,
    body: { code: 'tenant_not_served', field: 'tenant' },
  },
  'list-uploads.user-names-a-tenant': {
    row: {},
    status: 403,
    body: { code: 'owner_not_allowed', field: 'tenant' },
  },
  'read-upload.expired-token': {
    row: {},
    status: 401,
    body: { code: 'token_expired' },
    after: (_world, { headers }) => expect(headers?.['www-authenticate']).toMatch(/^Bearer/),
  },
  'list-uploads.bad-scope': { status: 400, body: { code: 'scope_invalid', field: 'scope' } },
  'list-uploads.of-tenant': {
    row: { ...ACCEPTED, readers: 'tenant', metadata: { note: 'private' } },
    status: 200,
    body: { uploads: [{ id: ID, own: false, readers: 'tenant', metadata: {} }] },
  },
  'open-file.head': {
    row: { ...ACCEPTED, readers: 'anyone' },
    status: 302,
    after: (_world, { headers }) => expect(headers).toMatchObject({ 'cache-control': 'no-store' }),
  },
  'open-file.json': {
    row: { ...ACCEPTED, readers: 'anyone' },
    status: 200,
    body: { url: expect.not.stringContaining('response-content'), inline: false },
  },
  'open-file.other-name': {
    row: { ...ACCEPTED, readers: 'anyone' },
    status: 404,
    body: { code: 'upload_not_found' },
  },
  'open-file.picture': {
    row: { ...ACCEPTED, readers: 'anyone' },
    status: 302,
    after: (_world, { headers }) => {
      expect(headers?.location).toMatch(/^https:.*response-content-disposition=inline/);
      expect(headers).toMatchObject({ 'cache-control': 'public, max-age=150', vary: 'accept' });
    },
  },
  'read-upload.reader': {
    row: { ...ACCEPTED, readers: 'tenant', metadata: { note: 'private' } },
    status: 200,
    body: { id: ID, own: false, metadata: {} },
  },
  'read-upload.not-an-id': { status: 404, body: { code: 'upload_not_found' } },
  'read-usage.own': {
    status: 200,
    body: {
      tenant: OWNER,
      subject: OWNER,
      all: { files: 0, bytes: 0, limits: { files: 3, bytes: 100 }, left: { files: 3, bytes: 100 } },
      unfinished: { files: 0, limits: { files: 2 }, left: { files: 2 } },
      policies: {},
    },
  },
  'read-usage.service': { status: 200, body: { subject: OWNER, all: { limits: { files: 3 } } } },
  'read-usage.of-a-tenant': {
    status: 200,
    body: { tenant: OWNER, all: { files: 0, bytes: 0, limits: { bytes: 500 }, left: { bytes: 500 } } },
  },
  'read-usage.user-names-an-owner': { status: 403, body: { code: 'owner_not_allowed', field: 'owner' } },
  'read-grant.by-itself': { status: 200, body: { id: GRANT_ID, left: { uploads: 2, bytes: 1_000_000 } } },
  'read-grant.of-a-service': { status: 404, body: { code: 'grant_not_found' } },
  'read-grant.service': {
    grant: { revokedAt: NOW, takenUploads: 1, takenBytes: 5 },
    status: 200,
    body: {
      revokedAt: new Date(NOW).toISOString(),
      taken: { uploads: 1, bytes: 5 },
      left: { uploads: 1, bytes: 999_995 },
    },
  },
  'read-upload.own': { row: {}, status: 200, body: { id: ID, state: 'requested' } },
  'read-upload.service': {
    row: {},
    status: 200,
    body: { id: ID, owner: { tenant: OWNER, subject: OWNER } },
  },
  'read-uploads.several': {
    row: ACCEPTED,
    status: 200,
    body: {
      results: [
        { status: 200, upload: { id: ID, state: 'accepted', servedName: expect.any(String) } },
        NOT_FOUND,
        NOT_FOUND,
        { status: 200, upload: { id: ID } },
      ],
    },
  },
  'request-upload.base64-body': { status: 201, body: PUT },
  'request-upload.everything': {
    status: 201,
    body: { policy: 'data', filename: 'Übersicht 2026.csv', checksum: { algorithm: 'sha256' } },
  },
  'request-upload.hostile-filename': { status: 422, body: { code: 'filename_invalid', field: 'filename' } },
  'request-upload.malformed-json': { status: 400, body: { code: 'body_malformed' } },
  'request-upload.multipart': {
    status: 201,
    body: { policy: 'media', multipart: { partCount: expect.any(Number) } },
    after: ({ multipart }) => expect(multipart.open.size).toBe(1),
  },
  'request-upload.no-subject': { status: 403, body: { code: 'tenant_missing' } },
  'request-upload.post': { status: 201, body: { policy: 'images', post: { fields: { key: KEY } } } },
  'request-upload.grant': {
    status: 201,
    body: { ...PUT, metadata: { order: '7' } },
    after: ({ row, grants }) => {
      expect(row()).toMatchObject({ grantId: GRANT_ID, reserved: 482_113, reference: 'order-7' });
      expect(grants.rows.get(GRANT_ID)).toMatchObject({ takenUploads: 1, takenBytes: 482_113 });
    },
  },
  'request-upload.grant-revoked': {
    grant: { revokedAt: NOW },
    status: 403,
    body: { code: 'grant_revoked' },
    after: ({ row }) => expect(row()).toBeUndefined(),
  },
  'request-upload.grant-used-up': {
    grant: { takenUploads: 2 },
    status: 403,
    body: { code: 'grant_uploads_used_up' },
    after: ({ row }) => expect(row()).toBeUndefined(),
  },
  'request-upload.put': {
    status: 201,
    body: PUT,
    after: (_world, { headers }) => expect(headers?.location).toBe(`uploads/${ID}`),
  },
  'request-upload.service': {
    status: 201,
    body: { ...PUT, owner: { tenant: OWNER, subject: OWNER } },
    after: ({ row }) => expect(row()).toMatchObject({ tenant: OWNER, subject: OWNER }),
  },
  'request-upload.service-without-owner': { status: 422, body: { code: 'field_missing', field: 'owner' } },
  'request-upload.type-not-allowed': {
    status: 422,
    body: { code: 'type_not_allowed', field: 'contentType' },
  },
  'request-upload.unknown-field': { status: 422, body: { code: 'field_unknown', field: 'key' } },
  'request-uploads.empty-list': { status: 422, body: { code: 'batch_invalid', field: 'uploads' } },
  'request-uploads.poison-among-good': {
    status: 200,
    body: {
      results: [
        { status: 201, upload: { contentType: 'image/jpeg', put: {} } },
        { status: 422, problem: { code: 'text_invalid', field: 'filename' } },
        { status: 400, problem: { code: 'body_malformed' } },
        { status: 422, problem: { code: 'body_too_deep' } },
        { status: 422, problem: { code: 'field_unknown', field: 'key' } },
        { status: 422, problem: { code: 'filename_unsafe' } },
        { status: 201, upload: { contentType: 'text/csv', put: {} } },
      ],
    },
  },
  'request-uploads.several': {
    status: 200,
    body: {
      results: [
        { status: 201, upload: { policy: 'images', put: {} } },
        { status: 201, upload: { post: { fields: {} } } },
        { status: 201, upload: { multipart: { parts: [{}, {}, {}, {}] } } },
      ],
    },
    after: ({ ledger }) => expect(ledger.rows.size).toBe(3),
  },
  'request-upload.user-names-an-owner': {
    status: 403,
    body: { code: 'owner_not_allowed', field: 'owner' },
    after: ({ row }) => expect(row()).toBeUndefined(),
  },
  'share-upload.not-allowed': {
    row: ACCEPTED,
    status: 422,
    body: { code: 'readers_not_allowed', field: 'readers' },
    after: ({ row }) => expect(row()?.readersRevision).toBeUndefined(),
  },
  'share-upload.reader': {
    row: { ...ACCEPTED, readers: 'tenant' },
    status: 404,
    body: { code: 'upload_not_found' },
    after: ({ row }) => expect(row()?.readers).toBe('tenant'),
  },
  'share-upload.service': {
    row: ACCEPTED,
    status: 200,
    body: { id: ID, readers: 'tenant', owner: { tenant: OWNER, subject: OWNER } },
  },
  'share-upload.tenant': {
    row: {},
    status: 200,
    body: { id: ID, state: 'requested', readers: 'tenant' },
    after: ({ row }) => expect(row()).toMatchObject({ readers: 'tenant', readersRevision: 1 }),
  },
  'sign-downloads.gallery': {
    row: ACCEPTED,
    status: 200,
    body: {
      results: [
        { status: 200, url: expect.stringContaining('response-content-type=image%2Fjpeg'), inline: true },
        { status: 404, problem: { code: 'upload_not_found' } },
      ],
    },
  },
  'sign-downloads.none': { status: 422, body: { code: 'ids_invalid', field: 'ids' } },
  'revoke-grant.service': {
    status: 204,
    after: ({ grants }) => expect(grants.rows.get(GRANT_ID)?.revokedAt).toBe(NOW),
  },
  'sign-parts.compact': {
    row: IN_TWO_PARTS,
    status: 200,
    body: { signatures: [expect.any(String), expect.any(String)] },
  },
  'sign-parts.named': {
    row: IN_TWO_PARTS,
    status: 200,
    body: { parts: [{ partNumber: 1 }, { partNumber: 2, headers: { 'x-amz-checksum-crc32': 'AAAAAA==' } }] },
  },
  'uppy.abort': { row: IN_PARTS, status: 200, after: ({ row }) => expect(row()?.state).toBe('aborted') },
  'uppy.bearer-abort': {
    row: IN_PARTS,
    status: 200,
    after: ({ row }) => expect(row()?.state).toBe('aborted'),
  },
  'uppy.bearer-batch': {
    row: IN_PARTS,
    status: 200,
    body: { presignedUrls: { 1: expect.stringContaining('partNumber=1&'), 3: expect.any(String) } },
  },
  'uppy.bearer-complete-xml': {
    row: IN_PARTS,
    prepare: namedParts,
    status: 200,
    after: (_world, { body }) => expect(body).toContain(`<Key>${KEY}</Key>`),
  },
  'uppy.bearer-sign': {
    row: IN_PARTS,
    status: 200,
    body: { url: expect.stringContaining('partNumber=17&') },
  },
  'uppy.bearer-sts': { status: 404, body: { code: 'credentials_not_offered' } },
  'uppy.complete': {
    row: IN_PARTS,
    prepare: namedParts,
    status: 200,
    body: { location: `https://api.example.com/uploads/${ID}`, key: KEY, bucket: INCOMING },
    after: ({ objects }) => expect(objects.places.incoming.get(KEY)?.bytes).toHaveLength(8),
  },
  'uppy.create': { status: 200, body: { key: KEY, bucket: INCOMING } },
  'uppy.params': { status: 200, body: { method: 'POST', fields: { key: KEY } } },
  'uppy.grant-params': {
    status: 200,
    body: { method: 'POST' },
    after: ({ row }) =>
      expect(row()).toMatchObject({ grantId: GRANT_ID, reserved: 1_000_000, maxBytes: 1_000_000 }),
  },
  'uppy.params-double-slash': {
    status: 200,
    body: { method: 'POST', fields: { 'Content-Type': 'text/csv' } },
  },
  'uppy.remote-provider': { status: 501, body: { code: 'remote_files_unsupported' } },
  'webhooks.list': {
    status: 200,
    body: { webhooks: [{ id: WEBHOOK, url: 'https://app.example.com/hooks', enabled: true, version: 1 }] },
    after: showsNoSecret,
  },
  'webhooks.list-of-a-tenant': { status: 200, body: { webhooks: [] } },
  'webhooks.no-scope': { status: 403, body: { code: 'scope_missing' } },
  'webhooks.add': {
    status: 201,
    body: {
      id: ID,
      enabled: true,
      secret: expect.stringMatching(/^whsec_/),
      publicKey: expect.stringMatching(/^whpk_/),
    },
  },
  'webhooks.add-inner': { status: 422, body: { code: 'webhook_url_invalid', field: 'url' } },
  'webhooks.add-unknown-type': { status: 422, body: { code: 'webhook_types_invalid', field: 'types.0' } },
  'webhooks.remove': {
    status: 204,
    after: ({ webhooks }) => expect(webhooks.endpoint()).toBeUndefined(),
  },
  'webhooks.remove-deployments-own': { status: 409, body: { code: 'webhook_of_deployment' } },
  'webhooks.enable': { status: 200, body: { id: WEBHOOK, enabled: true }, after: showsNoSecret },
  'webhooks.rotate': {
    status: 200,
    body: { version: 2, previousUntil: '2026-11-21T09:15:00.000Z', secret: expect.stringMatching(/^whsec_/) },
  },
  'webhooks.rotate-another-version': { status: 409, body: { code: 'webhook_version_wrong' } },
  'webhooks.test': {
    status: 202,
    body: { event: `${ID}.test`, type: 'webhook.test', state: 'pending', attempts: [] },
    after: ({ webhooks }) => expect(webhooks.messages).toHaveLength(1),
  },
  'webhooks.deliveries': {
    prepare: withFailedDelivery,
    status: 200,
    body: {
      deliveries: [
        {
          event: `${ID}.accepted`,
          state: 'failed',
          reason: 'attempts_exhausted',
          attempts: [{ ms: 12, status: 500 }],
        },
      ],
    },
  },
  'webhooks.deliveries-of-another-tenant': { status: 404, body: { code: 'webhook_not_found' } },
  'webhooks.redeliver': {
    prepare: withFailedDelivery,
    status: 202,
    body: { event: `${ID}.accepted`, state: 'pending' },
    after: ({ webhooks }) => expect(webhooks.messages).toHaveLength(1),
  },
  'webhooks.redeliver-unknown': { status: 404, body: { code: 'delivery_not_found' } },
  'webhook-keys.all-tenants': {
    status: 200,
    body: { keys: [{ webhook: WEBHOOK, publicKeys: [expect.stringMatching(/^whpk_/)] }] },
    after: (_world, { headers }) => expect(headers?.['cache-control']).toBe('public, max-age=300'),
  },
  'webhook-keys.no-tenant': { status: 404, body: { code: 'route_not_found' } },
};

// By what they hold, not by HANDLERS: a function that was forgotten there would take its events with it.
const EVENTS = FIXTURES.filter((name) => {
  const event = readEvent(name);
  return 'routeKey' in event && event.type !== 'REQUEST'; // which asks the authorizer: authorizer.test.ts
}).map((name) => name.replace(/\.json$/, ''));

beforeAll(() => {
  folder = buildConsole();
});
let lines: Record<string, unknown>[];
beforeEach(() => {
  lines = captureLog();
});
afterEach(() => void vi.restoreAllMocks());

async function answerTo(name: string, { row, grant, prepare }: Case) {
  const world = await createWorld(row, grant);
  prepare?.(world);
  const event = readEvent(`${name}.json`);
  const fn = name.split('.')[0] ?? '';
  const create =
    HANDLERS[fn] ?? expect.fail(`HANDLERS has no row for ${fn}: it says how to make the function.`);
  return { world, event, answer: await create(world)(event as never, context) };
}

describe('every event of the API', () => {
  test('has a case, and no case is without an event', () => {
    expect(
      Object.keys(CASES).toSorted(),
      'CASES has a row for each event of API Gateway in events/, and HANDLERS one for its function',
    ).toEqual(EVENTS.toSorted());
    expect(EMPTY_MD5).toBe('d41d8cd98f00b204e9800998ecf8427e'); // by which the events name parts
  });

  test.each(Object.entries(CASES))(
    '%s names nobody in the log, and holds no secret there',
    async (name, known) => {
      const { event, answer } = await answerTo(name, known);
      const log = JSON.stringify(lines);
      expect(log).not.toMatch(/X-Amz-Signature|Policy=|Bearer |eyJ|slu[12]\.|whsec_/);
      if (Number(answer.statusCode) < 500) expect(log).not.toContain(OWNER);
      const { headers = {} } = event as { readonly headers?: Readonly<Record<string, string>> };
      if (headers.authorization) expect(log).not.toContain(headers.authorization);
    },
  );

  test.each(
    Object.entries(CASES).filter(
      ([name, { status }]) => status < 400 && /^(?:GET|HEAD) /.test(readEvent(`${name}.json`).routeKey),
    ),
  )('%s is a read, and costs no line', async (name, known) => {
    await answerTo(name, known);
    expect(lines.flatMap(({ message }) => message ?? [])).toEqual(
      name.startsWith('uppy.') ? expect.anything() : [],
    );
  });

  test.each(Object.entries(CASES))(
    '%s is answered as it should be, and as documented',
    async (name, known) => {
      const { world, event, answer } = await answerTo(name, known);
      expect(answer.statusCode, answer.body).toBe(known.status);
      if (known.body !== undefined) expect(JSON.parse(answer.body ?? 'null')).toMatchObject(known.body);
      known.after?.(world, answer);
      expect(flawsOf(event.routeKey, answer)).toEqual([]);
    },
  );
});

describe('without what the authorizer says', () => {
  const authorized = EVENTS.filter((name) => 'authorizer' in readEvent(`${name}.json`).requestContext);

  test.each(authorized)('%s is refused, and touches nothing', async (name) => {
    const { row, grant, prepare } = CASES[name] ?? {};
    const world = await createWorld(row, grant);
    prepare?.(world);
    const before = JSON.stringify(world.row());
    const { requestContext, ...event } = readEvent(`${name}.json`);
    const { authorizer: _said, ...rest } = requestContext;
    const answer = await HANDLERS[name.split('.')[0] ?? '']?.(world)(
      { ...event, requestContext: rest } as never,
      context,
    );
    expect(answer).toMatchObject({ statusCode: 401 });
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ code: 'token_invalid' });
    expect(JSON.stringify(world.row())).toBe(before);
    expect(flawsOf(event.routeKey, answer ?? {})).toEqual([]);
  });

  test('all routes that have it are among them', () => {
    expect(authorized.length).toBeGreaterThan(30);
  });
});
