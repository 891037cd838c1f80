// What the image of scan-with-clamav starts, without the image: its script, its settings and its bundle, with
// Debian's clamd and a stand-in for Lambda's runtime API. SLUICE_RIC names the real runtime interface client.
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { ScanRequest, ScanResult } from '@sluice/contract/scan';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireClamd, withSettings } from '../../local/clamav.ts';
import { createClamd } from '../../src/lib/clamav/clamd.ts';
import { scanRequest } from '../fakes/scan-request.ts';
import { EICAR } from './files.ts';

const CONTAINER = resolve('containers/clamav');
const CLIENT = process.env.SLUICE_RIC ?? join(import.meta.dirname, 'runtime-client.cjs');

/** Lambda's runtime API, S3 and SQS, as far as the function needs them. */
async function startAws() {
  const results: ScanResult[] = [];
  const answers: string[] = [];
  const waiting: ((body: string) => void)[] = [];
  const server = createServer(async (request, response) => {
    const { method, url = '' } = request;
    if (url.endsWith('/invocation/next')) {
      const event = await new Promise<string>((resolve) => waiting.push(resolve));
      response.setHeader('lambda-runtime-aws-request-id', randomUUID());
      response.setHeader('lambda-runtime-deadline-ms', Date.now() + 900_000);
      response.setHeader(
        'lambda-runtime-invoked-function-arn',
        'arn:aws:lambda:eu-central-1:123456789012:function:scan',
      );
      response.setHeader('content-type', 'application/json');
      response.end(event);
    } else if (url.includes('/2018-06-01/runtime/')) {
      answers.push(await bodyOf(request));
      response.writeHead(202).end('{}');
    } else if (method === 'GET') {
      response.setHeader('etag', `"${scanRequest.etag}"`);
      response.end(EICAR);
    } else {
      const { MessageBody } = JSON.parse(await bodyOf(request));
      results.push(JSON.parse(MessageBody));
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex');
      response.end(JSON.stringify({ MessageId: '1', MD5OfMessageBody }));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    results,
    answers,
    invoke: async (event: unknown) => {
      await expect.poll(() => waiting.length, { timeout: 30_000 }).toBeGreaterThan(0);
      waiting.shift()?.(JSON.stringify(event));
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function bodyOf(request: IncomingMessage) {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

function toEvent(request: ScanRequest) {
  const [messageId, attributes] = ['message-1', { ApproximateReceiveCount: '1' }];
  return { Records: [{ messageId, body: JSON.stringify(request), attributes, eventSource: 'aws:sqs' }] };
}

let folder = '';
let aws: Awaited<ReturnType<typeof startAws>>;
let container: ReturnType<typeof spawn>;
let log = '';
beforeAll(async () => {
  execFileSync(process.execPath, ['infra/bundle-clamav.ts']);
  folder = await mkdtemp(join(tmpdir(), 'sluice-image-'));
  for (const name of ['signatures', 'tmp']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'signatures', 'eicar.ndb'), await readFile('local/eicar.ndb'));
  const conf = withSettings(await readFile(join(CONTAINER, 'clamd.conf'), 'utf8'), {
    DatabaseDirectory: join(folder, 'signatures'),
    TemporaryDirectory: join(folder, 'tmp'),
    LocalSocket: join(folder, 'clamd.sock'),
  });
  await writeFile(join(folder, 'clamd.conf'), conf);
  aws = await startAws();
  container = spawn('sh', [join(CONTAINER, 'entry.sh'), 'scan-with-clamav.handler'], {
    detached: true, // a group, to be ended as one
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: `${dirname(await requireClamd())}:${process.env.PATH}`,
      RUNTIME_CLIENT: CLIENT,
      CLAMD_CONF: join(folder, 'clamd.conf'),
      CLAMD_ADDRESS: join(folder, 'clamd.sock'),
      LAMBDA_TASK_ROOT: join(CONTAINER, 'dist'),
      AWS_LAMBDA_RUNTIME_API: aws.host,
      AWS_LAMBDA_FUNCTION_NAME: 'sluice-dev-scan-with-clamav',
      AWS_LAMBDA_FUNCTION_VERSION: '1',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '3008',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/sluice-dev-scan-with-clamav',
      AWS_LAMBDA_LOG_STREAM_NAME: 'a-stream',
      AWS_EXECUTION_ENV: 'AWS_Lambda_Image',
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: `http://${aws.host}`,
      INCOMING_BUCKET: scanRequest.bucket,
      STORE_BUCKET: 'store-of-a-test',
      SCAN_RESULTS_QUEUE_URL: `http://${aws.host}/000000000000/results`,
    },
    cwd: join(CONTAINER, 'dist'),
  });
  for (const stream of [container.stdout, container.stderr]) {
    stream?.on('data', (bytes: Buffer) => {
      log += bytes.toString();
    });
  }
}, 60_000);
afterAll(async () => {
  if (container?.pid !== undefined) process.kill(-container.pid, 'SIGKILL');
  aws?.stop();
  await rm(folder, { recursive: true, force: true });
});

function setup() {
  const clamd = createClamd({ path: join(folder, 'clamd.sock') });
  const scan = async (request: ScanRequest = scanRequest) => {
    const before = aws.results.length;
    await aws.invoke(toEvent(request));
    await expect
      .poll(() => aws.answers.length + aws.results.length, { timeout: 60_000 })
      .toBeGreaterThan(before);
    await expect.poll(() => aws.results.length, { timeout: 60_000 }).toBe(before + 1);
    return aws.results.at(-1);
  };
  const clamdPid = () =>
    Number(
      execFileSync('pgrep', ['-f', `clamd --config-file ${join(folder, 'clamd.conf')}`], {
        encoding: 'utf8',
      }),
    );
  return { clamd, scan, clamdPid };
}

describe('the container', () => {
  test('takes an event before clamd is ready, waits for it, and hands in what it says', async () => {
    const { scan } = setup();
    expect(await scan()).toMatchObject({
      scanner: 'clamav',
      outcome: 'infected',
      threats: ['Sluice.Test.EICAR.UNOFFICIAL'],
      uploadId: scanRequest.uploadId,
    });
    await expect.poll(() => aws.answers.at(-1)).toBe('{"batchItemFailures":[]}');
    expect(log).toContain('"message":"file scanned"');
  });

  test('starts a clamd again that has died, and scans on', async () => {
    const { scan, clamdPid, clamd } = setup();
    await clamd.ping(AbortSignal.timeout(5_000));
    const before = clamdPid();
    process.kill(before, 'SIGKILL');
    expect(await scan()).toMatchObject({ outcome: 'infected' });
    expect(clamdPid()).not.toBe(before);
    expect(log).toContain('is started again');
  });
});
