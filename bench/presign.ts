// G1: a signature costs little more than its cryptography. Run it pinned to one core: `taskset -c 1 node
// bench/presign.ts`
import { createHmac } from 'node:crypto';
import { createPostPresigner } from '@sluice/connection/sign/presign-post';
import { createPresigner } from '@sluice/connection/sign/presign-url';
import { deriveSigningKey } from '@sluice/connection/sign/signing-key';
import { checkUrl, type Prepared, signPrepared, toPrepared } from './limit.ts';
import { createAws4 } from './peers/aws4.ts';
import { createAws4Fetch } from './peers/aws4fetch.ts';
import { EXPIRES_IN_SECONDS, type PeerCredentials, type PeerRequest } from './peers/peer.ts';
import { createS3mini } from './peers/s3mini.ts';
import { createSdk } from './peers/sdk.ts';
import { createSdkPost } from './peers/sdk-post.ts';
import { createSmithy } from './peers/smithy.ts';
import { measureRounds, ratioOf, type Samples, type Subject } from './rounds.ts';
import { type Goal, judge, printTable } from './verdict.ts';

const REGION = 'eu-central-1';
const BUCKET = 'sluice-incoming-123456789012';
const CALLS = 10_000;
const INPUTS = 1000;
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

const LASTING: PeerCredentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: SECRET };
/** As a Lambda role's: the token is about a thousand characters of Base64. */
const TEMPORARY: PeerCredentials = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: SECRET,
  sessionToken: Buffer.from(Array.from({ length: 780 }, (_, index) => (index * 89) % 256)).toString('base64'),
};

function keyOf(index: number): string {
  return `tenant-${index % 7}/01k9z3m8${String(index).padStart(8, '0')}`;
}

const KINDS: Readonly<Record<string, (index: number) => PeerRequest>> = {
  GET: (index) => ({ method: 'GET', key: keyOf(index), headers: {}, query: {} }),
  PUT: (index) => ({
    method: 'PUT',
    key: keyOf(index),
    headers: {
      'content-length': String(1_000_000 + index),
      'content-type': 'image/png',
      'if-none-match': '*',
    },
    query: {},
  }),
  part: (index) => ({
    method: 'PUT',
    key: keyOf(7),
    headers: { 'content-length': '8388608' },
    query: {
      partNumber: String(index + 1),
      uploadId: 'VXBsb2FkIElEIGZvciBlbHZpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA',
    },
  }),
};

const PEERS = {
  sdk: createSdk,
  smithy: createSmithy,
  aws4: createAws4,
  aws4fetch: createAws4Fetch,
  s3mini: createS3mini,
};

/** Another time for each input, as for requests that come one by one: nothing about a second can be kept. */
function timeOf(index: number): Date {
  return new Date(Date.UTC(2026, 10, 22, 9) + index * 1000);
}

function take<T>(list: readonly T[], call: number): T {
  const item = list[call % list.length];
  if (item === undefined) throw new RangeError('nothing to take from');
  return item;
}

async function measureUrls(
  toRequest: (index: number) => PeerRequest,
  credentials: PeerCredentials,
): Promise<Samples> {
  const { presignUrl } = createPresigner({ region: REGION, bucket: BUCKET });
  const requests = Array.from({ length: INPUTS }, (_, index) => toRequest(index));
  const own = requests.map((request, index) => ({
    ...request,
    expiresInSeconds: EXPIRES_IN_SECONDS,
    signedAt: timeOf(index),
  }));
  const keys = new Map<string, Prepared['key']>();
  const prepared = own.map((request) => {
    const { url } = presignUrl(credentials, request);
    checkUrl(url, request.method, request.headers, SECRET);
    const texts = toPrepared(url, request.method, request.headers, SECRET);
    // One key object for all, as a signer has.
    keys.set('key', keys.get('key') ?? texts.key);
    return { ...texts, key: keys.get('key') ?? texts.key };
  });
  const subjects: Subject[] = [
    { name: 'limit', calls: CALLS, run: (call) => signPrepared(take(prepared, call)) },
    { name: 'ours', calls: CALLS, run: (call) => presignUrl(credentials, take(own, call)).url },
  ];
  for (const [name, create] of Object.entries(PEERS)) {
    const peer = create(REGION, BUCKET, credentials);
    for (const request of requests.slice(0, 3)) {
      checkUrl(await peer(request), request.method, request.headers, SECRET);
    }
    subjects.push({ name, calls: CALLS / 50, run: (call) => peer(take(requests, call)) });
  }
  return measureRounds(subjects);
}

function measureForms(credentials: PeerCredentials): Promise<Samples> {
  const { presignPost } = createPostPresigner({ region: REGION, bucket: BUCKET });
  const sdkPost = createSdkPost(REGION, BUCKET, credentials);
  const requests = Array.from({ length: INPUTS }, (_, index) => ({
    key: keyOf(index),
    contentType: 'image/png',
    contentLengthRange: { min: 1_000_000 + index, max: 1_000_000 + index },
    expiresInSeconds: EXPIRES_IN_SECONDS,
    signedAt: timeOf(index),
  }));
  const key = deriveSigningKey(SECRET, '20261122', REGION);
  const sign = (policy: string): string => createHmac('sha256', key).update(policy).digest('hex');
  const policies = requests.map((request) => {
    const { Policy = '', 'X-Amz-Signature': signature } = presignPost(credentials, request).fields;
    if (sign(Policy) !== signature) throw new Error('a wrong signature of a form');
    return Policy;
  });
  return measureRounds([
    { name: 'limit', calls: CALLS, run: (call) => sign(take(policies, call)) },
    { name: 'ours', calls: CALLS, run: (call) => presignPost(credentials, take(requests, call)) },
    {
      name: 'sdk',
      calls: CALLS / 50,
      run: (call) => sdkPost(keyOf(call), 'image/png', 1_000_000 + (call % INPUTS)),
    },
  ]);
}

const goals: Goal[] = [];
for (const [holder, credentials] of Object.entries({
  'lasting keys': LASTING,
  'a session token': TEMPORARY,
})) {
  for (const [kind, toRequest] of Object.entries(KINDS)) {
    const what = `presign ${kind} with ${holder}`;
    const samples = await measureUrls(toRequest, credentials);
    printTable(`${what}, per URL`, 'us', samples, 'limit');
    goals.push(
      { id: 'G1', what: `${what}, ours / limit`, value: ratioOf(samples, 'ours', 'limit'), atMost: 1.75 },
      { id: 'G1', what: `${what}, getSignedUrl / ours`, value: ratioOf(samples, 'sdk', 'ours'), atLeast: 40 },
    );
  }
  const what = `presign a POST form with ${holder}`;
  const samples = await measureForms(credentials);
  printTable(`${what}, per form`, 'us', samples, 'limit');
  goals.push({
    id: 'G1',
    what: `${what}, ours / limit`,
    value: ratioOf(samples, 'ours', 'limit'),
    atMost: 2,
  });
}
judge(goals);
