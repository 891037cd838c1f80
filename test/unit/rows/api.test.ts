// Each function of the API takes the rows that any version has written, and answers by what they say.
import type { State } from '@sluice/contract/state';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createHandler as createCompleteUpload } from '../../../src/handlers/complete-upload.ts';
import { createHandler as createDeleteUpload } from '../../../src/handlers/delete-upload.ts';
import { createHandler as createDeleteUploads } from '../../../src/handlers/delete-uploads.ts';
import { createHandler as createDownloadUpload } from '../../../src/handlers/download-upload.ts';
import { createHandler as createListParts } from '../../../src/handlers/list-parts.ts';
import { createHandler as createListUploads } from '../../../src/handlers/list-uploads.ts';
import { createHandler as createOpenFile } from '../../../src/handlers/open-file.ts';
import { createHandler as createReadUpload } from '../../../src/handlers/read-upload.ts';
import { createHandler as createReadUploads } from '../../../src/handlers/read-uploads.ts';
import { createHandler as createShareUpload } from '../../../src/handlers/share-upload.ts';
import { createHandler as createSignDownloads } from '../../../src/handlers/sign-downloads.ts';
import { createHandler as createSignParts } from '../../../src/handlers/sign-parts.ts';
import { createHandler as createUppy } from '../../../src/handlers/uppy.ts';
import { toFingerprint } from '../../../src/lib/upload/intent.ts';
import { captureLog } from '../../fakes/log-lines.ts';
import { readWritten, VERSIONS } from '../../rows/read.ts';
import { flawsOf } from '../events/openapi.ts';
import { context, readEvent, type World } from '../events/world.ts';
import { createWorldOf } from './world.ts';

afterEach(() => void vi.restoreAllMocks());

/** A status, with the code of a refusal. */
type Answer = string;
/** `isShort`: it has one part at most, by its size or its limit. */
type Row = {
  readonly state: State;
  readonly isMultipart: boolean;
  readonly isBegun: boolean;
  readonly isShort: boolean;
};
type Handler = (event: never, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;
type Case = {
  readonly create: (world: World) => Handler;
  readonly answer: (row: Row) => Answer;
  /** the state afterwards, where it is another one */
  readonly ends?: Partial<Record<State, State>>;
};

const MAX_PART_BYTES = 5 * 1024 ** 2;

const ENDED: readonly State[] = ['expired', 'aborted', 'deleted'];

function download({ state }: Row): Answer {
  if (state === 'accepted') return '';
  if (state === 'rejected') return '410 upload_rejected';
  if (state === 'recalled') return '410 upload_recalled';
  return ENDED.includes(state) ? '410 upload_ended' : '409 not_verified_yet';
}

function deletion({ state }: Row): Answer {
  if (state === 'rejected') return '409 rejected_not_deletable';
  return state === 'verifying' || state === 'scanning' ? '409 verification_running' : '204';
}

/** What routes for parts say; empty where the upload takes some. */
function parts({ state, isMultipart, isBegun }: Row): Answer {
  if (!isMultipart) return '409 not_multipart';
  if (!isBegun) return '409 request_running';
  return state === 'requested' ? '' : '409 upload_not_open';
}

const GIVEN_UP = { requested: 'aborted', held: 'aborted', accepted: 'deleted' } as const;

const CASES: Readonly<Record<string, Case>> = {
  'read-upload.own': { create: createReadUpload, answer: () => '200' },
  'read-uploads.several': { create: createReadUploads, answer: () => '200' },
  'list-uploads.first-page': { create: createListUploads, answer: () => '200' },
  'download-upload.redirect': {
    create: (world) => createDownloadUpload({ ...world, sign: world.signDownload }),
    answer: (row) => download(row) || '302',
  },
  'sign-downloads.gallery': {
    create: (world) => createSignDownloads({ ...world, sign: world.signDownload }),
    answer: (row) => download(row) || '200',
  },
  // None of them is for anyone.
  'open-file.picture': {
    create: (world) => createOpenFile({ ...world, sign: world.signDownload }),
    answer: () => '404 upload_not_found',
  },
  'share-upload.tenant': {
    create: createShareUpload,
    answer: ({ state }) => (ENDED.includes(state) || state === 'recalled' ? '410 upload_ended' : '200'),
  },
  'delete-upload.own': { create: createDeleteUpload, answer: deletion, ends: GIVEN_UP },
  'delete-uploads.several': { create: createDeleteUploads, answer: deletion, ends: GIVEN_UP },
  'list-parts.own': { create: createListParts, answer: (row) => parts(row) || '200' },
  'sign-parts.named': {
    create: (world) => createSignParts({ ...world, sign: world.signParts }),
    // The event asks for two.
    answer: (row) => parts(row) || (row.isShort ? '422 part_numbers_invalid' : '200'),
  },
  'complete-upload.as-listed': {
    create: createCompleteUpload,
    answer: (row) => (parts(row) === '409 upload_not_open' ? '200' : parts(row) || '200'),
  },
  'uppy.complete': {
    create: (world) => createUppy({ ...world, sign: world.signUpload }),
    answer: ({ isMultipart, isBegun, state }) => {
      if (!isMultipart || !isBegun) return '404 upload_not_found';
      return state === 'requested' ? '409 parts_missing' : '200'; // the event names parts that nobody sent
    },
  },
  'uppy.abort': {
    create: (world) => createUppy({ ...world, sign: world.signUpload }),
    answer: ({ isMultipart, isBegun }) => (isMultipart && isBegun ? '200' : '404 upload_not_found'),
    ends: { requested: 'aborted' },
  },
};

const ROWS = VERSIONS.flatMap(readWritten);

describe.each(Object.entries(CASES))('%s', (name, { create, answer, ends = {} }) => {
  test.each(ROWS)('takes a row of $version, $shape', async (written) => {
    const lines = captureLog();
    const { world, item } = await createWorldOf(written);
    const row: Row = {
      state: item.state?.S as State,
      isMultipart: item.transport?.S === 'multipart',
      isBegun: item.multipart !== undefined,
      isShort: Number(item.size?.N ?? item.maxBytes?.N ?? MAX_PART_BYTES) < MAX_PART_BYTES,
    };
    const event = readEvent(`${name}.json`);
    const answered = await create(world)(event as never, context);
    expect(toAnswer(answered), answered.body).toBe(answer(row));
    expect(flawsOf(event.routeKey, answered)).toEqual([]);
    expect(lines.filter(({ level }) => level === 'ERROR')).toEqual([]);
    const isDone = toAnswer(answered) === '204' || (name === 'uppy.abort' && row.isMultipart && row.isBegun);
    expect(world.row()?.state).toBe((isDone && ends[row.state]) || row.state);
  });
});

/** Of the first entry, where the answer is one of many; a list is good if the row is on it. */
function toAnswer({ statusCode, body = '' }: APIGatewayProxyStructuredResultV2): Answer {
  const said = body.startsWith('{') ? JSON.parse(body) : {};
  if (said.uploads !== undefined) return said.uploads.length === 1 ? String(statusCode) : 'not listed';
  const [first] = said.results ?? [];
  const [status, code] = first === undefined ? [statusCode, said.code] : [first.status, first.problem?.code];
  return code === undefined ? String(status) : `${status} ${code}`;
}

test.each(ROWS.filter(({ item }) => item.grantId === undefined && item.maxBytes === undefined))(
  'a request that is repeated finds its row of $version, $shape',
  ({ item }) => {
    const { filename, contentType, size, checksum, metadata, transport } = item;
    const fingerprint = toFingerprint({
      filename: filename?.S ?? '',
      contentType: contentType?.S ?? '',
      ...(size && { size: Number(size.N) }),
      ...(checksum?.M && { checksum: { algorithm: 'sha256', value: checksum.M.value?.S ?? '' } }),
      metadata: { album: metadata?.M?.album?.S ?? '' },
      transport: transport?.S as 'put',
    });
    expect(fingerprint).toBe(item.fingerprint?.S);
  },
);
