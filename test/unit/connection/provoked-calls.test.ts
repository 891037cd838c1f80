// Failures of calls, provoked by real servers, proxies, files and settings: each has its class, says whether
// to try again, and tells what to do.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { adviceFor } from '@sluice/connection/advice';
import { classify } from '@sluice/connection/classify';
import { createS3Client } from '@sluice/connection/clients/s3';
import type { ConnectionError } from '@sluice/connection/errors/connection-error';
import { loadSettings } from '@sluice/connection/settings/load';
import { type CodeSettings, resolveSettings } from '@sluice/connection/settings/resolve';
import { copyObject } from '@sluice/connection/transfers/copy';
import { downloadFile, downloadStream } from '@sluice/connection/transfers/download';
import { uploadBytes, uploadFile } from '@sluice/connection/transfers/upload';
import { afterAll, describe, expect, test } from 'vitest';
import { serveBlackHole } from './servers/black-hole.ts';
import { setup } from './servers/client.ts';
import { type ProxyBehaviour, serveProxy } from './servers/proxy.ts';
import { listen, pemPath, serve } from './servers/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-provoked-calls-'));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'a-folder'));
writeFileSync(join(folder, 'a-file'), 'content');

const object = { Bucket: 'bucket', Key: 'key' };
const get = new GetObjectCommand(object);

/** The failure of a call, whatever it came as. */
async function failureOf(run: () => unknown): Promise<ConnectionError> {
  try {
    await run();
  } catch (error) {
    return classify(error);
  }
  throw new Error('it did not fail');
}

/** Gets an object, and reads it, from a server that answers as it is told. */
async function answered(listener: RequestListener, code: CodeSettings = {}): Promise<ConnectionError> {
  await using server = await serve(
    (request, response) => void request.resume().on('end', () => listener(request, response)),
  );
  const { client } = setup(server.url, code);
  return await failureOf(async () => (await client.send(get)).Body?.transformToByteArray());
}

/** The same, from a server of bare TCP. */
async function spoken(
  onRequest: (socket: Socket) => void,
  code: CodeSettings = {},
): Promise<ConnectionError> {
  const tcp = createServer((socket) => socket.on('error', () => {}).once('data', () => onRequest(socket)));
  await using server = await listen(tcp, 'http');
  const { client } = setup(server.url, code);
  return await failureOf(async () => (await client.send(get)).Body?.transformToByteArray());
}

async function throughProxy(behaviour: ProxyBehaviour, code: CodeSettings = {}): Promise<ConnectionError> {
  await using proxy = await serveProxy(behaviour);
  const { client } = setup('https://127.0.0.1:1', { httpsProxy: proxy.url, ...code });
  return await failureOf(() => client.send(get));
}

async function byTls(certificate: string, code: CodeSettings = {}): Promise<ConnectionError> {
  await using server = await serve((_request, response) => response.end(), certificate);
  const { client } = setup(server.url, code);
  return await failureOf(() => client.send(get));
}

/** A transfer from or to the disk, against a server that has one object. */
async function withFile(
  run: (client: ReturnType<typeof setup>['client']) => Promise<unknown>,
): Promise<ConnectionError> {
  await using server = await serve((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('etag', '"e"').setHeader('content-length', request.method === 'PUT' ? 0 : 5);
      response.end(request.method === 'GET' ? 'hello' : '');
    });
  });
  const { client } = setup(server.url);
  return await failureOf(() => run(client));
}

function xml(status: number, code: string, headers = {}) {
  return (_request: unknown, response: ServerResponse) =>
    response
      .writeHead(status, { 'content-type': 'application/xml', ...headers })
      .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>of the store</Message></Error>`);
}
function bare(status: number, headers = {}) {
  return (_request: unknown, response: ServerResponse) => response.writeHead(status, headers).end();
}
const authority = { caBundle: pemPath('authority.pem') };
function place(client: ReturnType<typeof setup>['client']) {
  return { client, bucket: 'bucket', key: 'key' };
}
const later = 'Try again later';

type Row = readonly [
  what: string,
  provoke: () => Promise<ConnectionError>,
  name: string,
  retryable: boolean,
  advice: string,
];

const onTheWay: readonly Row[] = [
  [
    'nobody listens there',
    () => failureOf(() => setup('http://127.0.0.1:9').head()),
    'EndpointConnectionError',
    true,
    'Start what should listen there',
  ],
  [
    'packets are dropped',
    async () => {
      await using hole = await serveBlackHole();
      return await failureOf(() => setup(hole.url, { connectTimeoutMs: 200 }).head());
    },
    'ConnectTimeoutError',
    true,
    'Look for a firewall',
  ],
  [
    'nothing is answered',
    () => answered(() => {}, { readTimeoutMs: 100 }),
    'ReadTimeoutError',
    true,
    'allow more time',
  ],
  [
    'the answer stops in its middle',
    () =>
      answered(
        (_request, response) => void response.writeHead(200, { 'content-length': 10 }).write('12345'),
        { idleTimeoutMs: 150 },
      ),
    'ReadTimeoutError',
    true,
    'allow more time',
  ],
  [
    'the connection is reset',
    () => spoken((socket) => socket.resetAndDestroy()),
    'ConnectionClosedError',
    true,
    'look at what is in between',
  ],
  [
    'the connection ends without an answer',
    () => spoken((socket) => socket.end()),
    'ConnectionClosedError',
    true,
    'look at what is in between',
  ],
  [
    'the answer is no HTTP',
    () => spoken((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')),
    'ResponseStreamingError',
    true,
    'does not answer as S3',
  ],
  [
    'the body is shorter than was said',
    () => spoken((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345')),
    'IncompleteReadError',
    true,
    'the answer broke off',
  ],
  [
    'the last chunk is missing',
    () =>
      spoken((socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n')),
    'IncompleteReadError',
    true,
    'the answer broke off',
  ],
  [
    'a chunk has no size',
    () =>
      spoken((socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\nhello\r\n')),
    'IncompleteReadError',
    true,
    'the answer broke off',
  ],
  [
    'the bytes are not those of their checksum',
    () =>
      answered((_request, response) =>
        response.writeHead(200, { 'x-amz-checksum-crc32': 'AAAAAA==' }).end('hello'),
      ),
    'ChecksumMismatchError',
    true,
    'the bytes were damaged',
  ],
  ['the certificate is of nobody known', () => byTls('server'), 'SSLError', false, 'AWS_CA_BUNDLE'],
  [
    "the certificate is another host's",
    () => byTls('stranger', authority),
    'SSLError',
    false,
    'correct the host name',
  ],
  [
    'the certificate has expired',
    () => byTls('expired', authority),
    'SSLError',
    false,
    'it cannot be switched off',
  ],
  [
    'there is no TLS',
    async () => {
      await using server = await serve((_request, response) => response.end());
      return await failureOf(() => setup(server.url.replace('http:', 'https:')).head());
    },
    'SSLError',
    false,
    'Name the authority',
  ],
  [
    'it is aborted',
    () =>
      failureOf(async () => {
        await using server = await serve(() => {});
        await setup(server.url).client.send(get, { abortSignal: AbortSignal.timeout(50) });
      }),
    'AbortedError',
    false,
    'stopped on purpose',
  ],
];

const ofProxies: readonly Row[] = [
  [
    'cannot be reached on the way to http',
    () => failureOf(() => setup('http://127.0.0.1:1', { httpProxy: 'http://127.0.0.1:9' }).head()),
    'ProxyConnectionError',
    true,
    'HTTP_PROXY',
  ],
  [
    'cannot be reached on the way to https',
    () => failureOf(() => setup('https://127.0.0.1:1', { httpsProxy: 'http://127.0.0.1:9' }).head()),
    'ProxyConnectionError',
    true,
    'NO_PROXY',
  ],
  [
    'wants a password',
    () => throughProxy({ secret: 'user:password' }),
    'ProxyRefusedError',
    false,
    'Check the user and password',
  ],
  [
    'forbids the host',
    () => throughProxy({ refuseWith: 403 }),
    'ProxyRefusedError',
    false,
    'whether the proxy allows the endpoint',
  ],
  [
    'cannot reach the host itself',
    () => throughProxy({ refuseWith: 502 }),
    'ProxyConnectionError',
    true,
    'HTTPS_PROXY',
  ],
  [
    'never opens the tunnel',
    () => throughProxy({ stall: true }, { connectTimeoutMs: 200 }),
    'ConnectTimeoutError',
    true,
    'Look for a firewall',
  ],
  [
    'has a certificate of nobody known',
    () => throughProxy({ certificate: 'server' }),
    'SSLError',
    false,
    'proxyCaBundle',
  ],
];

const answers: readonly Row[] = (
  [
    [503, 'SlowDown', 'ThrottledError', true, 'with fewer calls at once'],
    [429, 'TooManyRequests', 'ThrottledError', true, 'retryMode'],
    [400, 'ThrottlingException', 'ThrottledError', true, later],
    [400, 'RequestTimeout', 'ServiceUnavailableError', true, later],
    [500, 'InternalError', 'ServiceUnavailableError', true, later],
    [503, 'ServiceUnavailable', 'ServiceUnavailableError', true, later],
    [404, 'NoSuchKey', 'NotFoundError', false, 'Check the names'],
    [404, 'NoSuchBucket', 'NotFoundError', false, 'and the region'],
    [404, 'NoSuchUpload', 'NotFoundError', false, 'Check the names'],
    [404, 'NoSuchVersion', 'NotFoundError', false, 'Check the names'],
    [403, 'AccessDenied', 'AccessDeniedError', false, 'Give these keys the permission'],
    [403, 'InvalidAccessKeyId', 'AccessDeniedError', false, 'Correct the keys'],
    [403, 'SignatureDoesNotMatch', 'AccessDeniedError', false, 'the secret is not theirs'],
    [400, 'InvalidToken', 'AccessDeniedError', false, 'Correct the keys'],
    [400, 'ExpiredToken', 'ExpiredCredentialsError', false, 'Get new keys'],
    [403, 'RequestTimeTooSkewed', 'ClockSkewError', false, 'NTP'],
    [412, 'PreconditionFailed', 'PreconditionFailedError', false, 'Look at what is there now'],
    [409, 'ConditionalRequestConflict', 'ConflictError', true, 'another write'],
    [409, 'OperationAborted', 'ConflictError', true, 'another write'],
    [400, 'AuthorizationHeaderMalformed', 'WrongRegionError', false, 'Use the region'],
    [400, 'BadDigest', 'ChecksumMismatchError', true, 'damaged'],
    [501, 'NotImplemented', 'ServiceError', false, 'Do without it'],
    [405, 'MethodNotAllowed', 'ServiceError', false, 'use another store'],
    [403, 'InvalidObjectState', 'ServiceError', false, 'Restore the object'],
    [400, 'InvalidRequest', 'ServiceError', false, 'Look up the service code'],
    [400, 'EntityTooLarge', 'ServiceError', false, 'Look up the service code'],
    [409, 'BucketAlreadyExists', 'ServiceError', false, 'Look up the service code'],
  ] as const
).map(([status, code, name, retryable, advice]) => [
  `${status} ${code}`,
  () => answered(xml(status, code)),
  name,
  retryable,
  advice,
]);

const bareAnswers: readonly Row[] = [
  [
    'a HEAD 404',
    async () => {
      await using server = await serve(bare(404));
      return await failureOf(() => setup(server.url).client.send(new HeadObjectCommand(object)));
    },
    'NotFoundError',
    false,
    'Check the names',
  ],
  [
    'a HEAD 403',
    async () => {
      await using server = await serve(bare(403));
      return await failureOf(() => setup(server.url).client.send(new HeadObjectCommand(object)));
    },
    'AccessDeniedError',
    false,
    'Give these keys the permission',
  ],
  [
    'a HEAD 400 that names another region',
    async () => {
      await using server = await serve(bare(400, { 'x-amz-bucket-region': 'ap-south-1' }));
      return await failureOf(() => setup(server.url).client.send(new HeadObjectCommand(object)));
    },
    'WrongRegionError',
    false,
    'Use the region',
  ],
  ['502 without a word', () => answered(bare(502)), 'ServiceUnavailableError', true, later],
  ['504 without a word', () => answered(bare(504)), 'ServiceUnavailableError', true, later],
  [
    'a page',
    () =>
      answered((_request, response) =>
        response.writeHead(404, { 'content-type': 'text/html' }).end('<html>'),
      ),
    'ServiceError',
    false,
    'Correct the endpoint',
  ],
  [
    'half of a list',
    async () => {
      await using server = await serve((_request, response) =>
        response.end('<?xml version="1.0"?><ListBucketResult><Contents>'),
      );
      return await failureOf(() =>
        setup(server.url).client.send(new ListObjectsV2Command({ Bucket: 'bucket' })),
      );
    },
    'ResponseStreamingError',
    true,
    'does not answer as S3',
  ],
  [
    'a copy with an error in its success',
    async () => {
      await using server = await serve((request, response) => {
        if (request.method === 'HEAD')
          return response.writeHead(200, { etag: '"e"', 'content-length': 5 }).end();
        return response.end('<Error><Code>InternalError</Code><Message>later</Message></Error>');
      });
      const { client } = setup(server.url);
      const source = { bucket: 'bucket', key: 'key' };
      return await failureOf(() => copyObject({ client, source, target: source }));
    },
    'UploadFailedError',
    true,
    later,
  ],
  [
    'an object without an ETag',
    async () => {
      await using server = await serve((_request, response) =>
        response.writeHead(200, { 'content-length': 5 }).end(),
      );
      return await failureOf(() => downloadStream(place(setup(server.url).client)));
    },
    'ResponseStreamingError',
    true,
    'does not answer as S3',
  ],
  [
    'a part that is never confirmed',
    async () => {
      await using server = await serve((request, response) => {
        request
          .resume()
          .on('end', () => response.end(request.method === 'POST' ? '<R><UploadId>U</UploadId></R>' : ''));
      });
      const { client } = setup(server.url);
      return await failureOf(() => uploadBytes({ ...place(client), bytes: Buffer.alloc(9 * 2 ** 20) }));
    },
    'UploadFailedError',
    true,
    'does not answer as S3',
  ],
  [
    'a body that breaks off again and again',
    async () => {
      await using server = await serve((request, response) => {
        const head = { etag: '"e"', 'content-length': 5 };
        if (request.method === 'HEAD') return response.writeHead(200, head).end();
        response.writeHead(200, head).write('he');
        return setTimeout(() => response.destroy(), 20);
      });
      const { client } = setup(server.url);
      return await failureOf(() =>
        downloadFile({ ...place(client), path: join(folder, 'broken'), rangeAttempts: 1 }),
      );
    },
    'RetriesExceededError',
    true,
    'the answer broke off',
  ],
];

const onDisk: readonly Row[] = [
  [
    'to upload is missing',
    () => withFile((client) => uploadFile({ ...place(client), path: join(folder, 'missing') })),
    'UploadFailedError',
    false,
    'Look at the file',
  ],
  [
    'to upload is a folder',
    () => withFile((client) => uploadFile({ ...place(client), path: join(folder, 'a-folder') })),
    'UploadFailedError',
    false,
    'Look at the file',
  ],
  [
    'to upload lies below a file',
    () => withFile((client) => uploadFile({ ...place(client), path: join(folder, 'a-file', 'x') })),
    'UploadFailedError',
    false,
    'Look at the file',
  ],
  [
    'to download is a folder',
    () => withFile((client) => downloadFile({ ...place(client), path: join(folder, 'a-folder') })),
    'ParamValidationError',
    false,
    'Correct the value',
  ],
  [
    'to download is to lie in a folder that is missing',
    () => withFile((client) => downloadFile({ ...place(client), path: join(folder, 'missing', 'x') })),
    'FileError',
    false,
    'Look at the file',
  ],
  [
    'to download is to lie below a file',
    () => withFile((client) => downloadFile({ ...place(client), path: join(folder, 'a-file', 'x') })),
    'FileError',
    false,
    'Look at the file',
  ],
];

const ofSettings: readonly Row[] = [
  [
    'the region is missing',
    () => failureOf(() => createS3Client(resolveSettings({}))),
    'NoRegionError',
    false,
    'AWS_REGION',
  ],
  [
    'the profile does not exist',
    () =>
      failureOf(() =>
        loadSettings({
          code: { profile: 'nobody' },
          environment: { AWS_CONFIG_FILE: '/nowhere', AWS_SHARED_CREDENTIALS_FILE: '/nowhere' },
        }),
      ),
    'ProfileNotFoundError',
    false,
    '~/.aws/config',
  ],
  [
    'a value is not allowed',
    () => failureOf(() => resolveSettings({ environment: { AWS_RETRY_MODE: 'legacy' } })),
    'SettingError',
    false,
    'Correct the setting',
  ],
  [
    'half of the keys is missing',
    () => failureOf(() => resolveSettings({ environment: { AWS_ACCESS_KEY_ID: 'AKIATEST' } })),
    'SettingError',
    false,
    'Correct the setting',
  ],
  [
    'an authority cannot be read',
    () => failureOf(() => setup('https://127.0.0.1:1', { caBundle: '/nowhere.pem' })),
    'SettingError',
    false,
    'Correct the setting',
  ],
  [
    'an authority is no PEM',
    () => failureOf(() => setup('https://127.0.0.1:1', { caBundle: import.meta.filename })),
    'SettingError',
    false,
    'Correct the setting',
  ],
  [
    'the proxy is of another kind',
    () => failureOf(() => setup('https://127.0.0.1:1', { httpsProxy: 'socks5://proxy' })),
    'SettingError',
    false,
    'Correct the setting',
  ],
  [
    'the keys have ended',
    () =>
      failureOf(() =>
        createS3Client(
          resolveSettings({
            code: {
              region: 'eu-central-1',
              endpoint: 'http://127.0.0.1:9',
              accessKeyId: 'ASIATEST',
              secretAccessKey: 's',
              keyExpiration: '2020-01-01T00:00:00Z',
            },
          }),
        ).send(new PutObjectCommand({ ...object, Body: 'x' })),
      ),
    'ExpiredCredentialsError',
    false,
    'Get new keys',
  ],
];

async function hold([, provoke, name, retryable, advice]: Row) {
  const error = await provoke();
  expect({ name: error.name, retryable: error.retryable }).toEqual({ name, retryable });
  expect(adviceFor(error)).toContain(advice);
  expect(error.code).not.toBe('unexpected');
}

describe('a failed call has its class, its verdict and its advice', () => {
  test.each(onTheWay)('when %s', (...row) => hold(row));
  test.each(ofProxies)('when the proxy %s', (...row) => hold(row));
  test.each(answers)('when the answer is %s', (...row) => hold(row));
  test.each(bareAnswers)('when what comes is %s', (...row) => hold(row));
  test.each(onDisk)('when the file %s', (...row) => hold(row));
  test.each(ofSettings)('when %s', (...row) => hold(row));
});

test('at least sixty failures are provoked', () => {
  const rows = [onTheWay, ofProxies, answers, bareAnswers, onDisk, ofSettings].flat();
  expect(new Set(rows.map(([what]) => what)).size).toBe(rows.length);
  expect(rows.length).toBeGreaterThanOrEqual(60);
});
