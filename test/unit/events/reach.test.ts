// Every caller, on every route about one upload: what is out of reach is answered as if it did not exist, and
// is not touched.
import { type Caller, SCOPES } from '@sluice/contract/caller';
import type { Upload } from '@sluice/contract/upload';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createHandler as createCompleteUpload } from '../../../src/handlers/complete-upload.ts';
import { createHandler as createDeleteUpload } from '../../../src/handlers/delete-upload.ts';
import { createHandler as createDeleteUploads } from '../../../src/handlers/delete-uploads.ts';
import { createHandler as createDownloadUpload } from '../../../src/handlers/download-upload.ts';
import { createHandler as createListParts } from '../../../src/handlers/list-parts.ts';
import { createHandler as createReadUpload } from '../../../src/handlers/read-upload.ts';
import { createHandler as createSignParts } from '../../../src/handlers/sign-parts.ts';
import { createHandler as createUppy } from '../../../src/handlers/uppy.ts';
import { toContext } from '../../../src/lib/caller/context.ts';
import { aGrant } from '../../contract/grants.contract.ts';
import { captureLog } from '../../fakes/log-lines.ts';
import { context, createWorld, GRANT_ID, ID, NOW, OWNER, readEvent, UPLOAD_ID, type World } from './world.ts';

type Handler = (event: never, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

const OPEN = {
  transport: 'multipart',
  size: 6,
  grantId: GRANT_ID,
  multipart: { uploadId: UPLOAD_ID, plan: { size: 6, partSize: 3, partCount: 2 } },
} satisfies Partial<Upload>;
const ACCEPTED = {
  state: 'accepted',
  settledAt: NOW,
  servedType: 'image/jpeg',
  grantId: GRANT_ID,
} satisfies Partial<Upload>;

type Kind = Caller['kind'];
type Route = {
  readonly event: string;
  readonly row: Partial<Upload>;
  readonly create: (world: World) => Handler;
  readonly takes: readonly Kind[];
};

const ALL: readonly Kind[] = ['user', 'grant', 'service'];

const ROUTES: readonly Route[] = [
  { event: 'read-upload.own', row: ACCEPTED, create: createReadUpload, takes: ALL },
  {
    event: 'download-upload.json',
    row: ACCEPTED,
    create: (world) => createDownloadUpload({ ...world, sign: world.signDownload }),
    takes: ['user', 'service'],
  },
  { event: 'delete-upload.own', row: OPEN, create: createDeleteUpload, takes: ALL },
  { event: 'delete-uploads.several', row: OPEN, create: createDeleteUploads, takes: ALL },
  {
    event: 'sign-parts.compact',
    row: OPEN,
    create: (world) => createSignParts({ ...world, sign: world.signParts }),
    takes: ALL,
  },
  { event: 'list-parts.own', row: OPEN, create: createListParts, takes: ALL },
  { event: 'complete-upload.as-listed', row: OPEN, create: createCompleteUpload, takes: ALL },
  ...['uppy.bearer-abort', 'uppy.bearer-batch', 'uppy.bearer-sign'].map((event) => ({
    event,
    row: OPEN,
    create: (world: World) => createUppy({ ...world, sign: world.signUpload }),
    takes: ['user', 'grant'] as const,
  })),
];

// The upload is of OWNER, who is a tenant of one; each of the others differs in one thing.
const NEAR = [`${OWNER}0`, OWNER.slice(0, -1), 'acme'];
const WITHOUT_ALL = SCOPES.filter((scope) => scope !== 'tenants');
const WITHIN: readonly Caller[] = [
  { kind: 'user', tenant: OWNER, subject: OWNER },
  { kind: 'grant', tenant: OWNER, subject: OWNER, grantId: GRANT_ID },
  { kind: 'service', client: 'a', scopes: SCOPES },
  { kind: 'service', client: 'a', scopes: WITHOUT_ALL, tenant: OWNER },
];
const OUTSIDE: readonly Caller[] = [
  ...NEAR.flatMap((name): Caller[] => [
    { kind: 'user', tenant: name, subject: OWNER },
    { kind: 'user', tenant: OWNER, subject: name },
    { kind: 'grant', tenant: name, subject: OWNER, grantId: GRANT_ID },
    { kind: 'grant', tenant: OWNER, subject: name, grantId: GRANT_ID },
    { kind: 'service', client: OWNER, scopes: WITHOUT_ALL, tenant: name },
  ]),
  { kind: 'grant', tenant: OWNER, subject: OWNER, grantId: GRANT_ID.replace('3c', '3d') },
  { kind: 'grant', tenant: OWNER, subject: OWNER, grantId: OWNER },
];

beforeEach(() => void captureLog());
afterEach(() => void vi.restoreAllMocks());

async function answerTo({ event: name, row, create }: Route, caller: Caller) {
  const world = await createWorld(row);
  if (caller.kind === 'grant') {
    const { grantId: id, tenant, subject } = caller;
    world.grants.rows.set(id, aGrant({ id, tenant, subject, expiresAt: Number.MAX_SAFE_INTEGER }));
  }
  const before = JSON.stringify(world.row());
  const event = readEvent(`${name}.json`);
  event.requestContext.authorizer = { lambda: toContext({ caller, expiresAt: Number.MAX_SAFE_INTEGER }) };
  const answer = await create(world)(event as never, context);
  const touched = JSON.stringify(world.row()) !== before || world.objects.calls.length > 0;
  return { text: `${answer.statusCode} ${answer.body ?? ''}`, touched };
}

function named(routes: readonly Route[], callers: readonly Caller[]) {
  return routes.flatMap((route) =>
    callers.map((caller) => ({ name: `${route.event}, ${JSON.stringify(caller)}`, route, caller })),
  );
}

describe('an upload', () => {
  test.each(named(ROUTES, OUTSIDE))('is not there: $name', async ({ route, caller }) => {
    const { text, touched } = await answerTo(route, caller);
    expect(text).toContain(route.takes.includes(caller.kind) ? 'upload_not_found' : 'caller_kind_refused');
    expect(text).not.toMatch(/X-Amz-Signature|signatures/);
    expect(touched).toBe(false);
  });

  test.each(named(ROUTES, WITHIN))(
    'is within reach, where the route is: $name',
    async ({ route, caller }) => {
      const { text } = await answerTo(route, caller);
      if (route.takes.includes(caller.kind)) {
        // Only of the uploads beside it, in a batch, it may be said.
        expect(route.event.startsWith('delete-uploads') ? text : text.slice(0, 3)).not.toContain('404 ');
        expect(text).not.toMatch(/caller_kind_refused|scope_missing/);
      } else {
        expect(text).toContain('caller_kind_refused');
      }
    },
  );

  test('that the events are about is the one in the ledger', async () => {
    expect((await createWorld(OPEN)).row()).toMatchObject({ id: ID, tenant: OWNER, subject: OWNER });
  });
});
