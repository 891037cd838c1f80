// In place of GuardDuty, of which the local AWS has none: for tests. It answers SendObjectMalwareScan, and
// brings its result as EventBridge would, straight to the queue: MiniStack takes no event of aws.guardduty,
// as AWS does.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { eicar } from '../packages/cli/src/check/eicar.ts';
import { localCredentials, region } from './environment.ts';

/** What GuardDuty says of the bytes of an object. */
export type Said = {
  readonly scanStatus: 'COMPLETED' | 'SKIPPED' | 'FAILED';
  readonly scanResultStatus: string;
  readonly threats: readonly { readonly name: string }[] | null;
  readonly statusReasons?: readonly string[];
};

export type GuardDutyStandIn = AsyncDisposable & {
  /** where it answers: the parameter guardDutyEndpoint */
  readonly endpoint: string;
  /** the keys of the objects that it was asked about, in this order */
  readonly asked: readonly string[];
};

/** Knows EICAR, wherever it is in a file, and nothing else. */
export function knowsEicar(bytes: Buffer): Said {
  return bytes.includes(eicar())
    ? {
        scanStatus: 'COMPLETED',
        scanResultStatus: 'THREATS_FOUND',
        threats: [{ name: 'EICAR-Test-File (not a virus)' }],
      }
    : { scanStatus: 'COMPLETED', scanResultStatus: 'NO_THREATS_FOUND', threats: null };
}

type Wishes = {
  /** of the local AWS */
  readonly endpoint: string;
  /** the queue of results, once it is deployed */
  readonly resultsQueue: () => Promise<string>;
  readonly judge?: (bytes: Buffer) => Said;
};

type Asked = { readonly bucket: string; readonly key: string; readonly versionId?: string };

/** Starts it on a free port. */
export async function startGuardDuty({
  endpoint,
  resultsQueue,
  judge = knowsEicar,
}: Wishes): Promise<GuardDutyStandIn> {
  const settings = { endpoint, region, credentials: localCredentials };
  const [s3, sqs] = [new S3Client({ ...settings, forcePathStyle: true }), new SQSClient(settings)];
  const asked: string[] = [];

  const scan = async ({ bucket, key, versionId }: Asked) => {
    const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
    const bytes = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
    return toEvent({ bucket, key, versionId: object.VersionId, eTag: object.ETag }, judge(bytes));
  };

  const server = createServer(async (request, response) => {
    const object = request.url === '/object-malware-scan/send' ? await readAsked(request) : undefined;
    if (object === undefined) {
      response
        .writeHead(400, { 'x-amzn-errortype': 'BadRequestException' })
        .end('{"message":"no such call"}');
      return;
    }
    asked.push(object.key);
    try {
      const event = await scan(object);
      const QueueUrl = await resultsQueue();
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(event) }));
      response.writeHead(200).end();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      response
        .writeHead(400, { 'x-amzn-errortype': 'BadRequestException' })
        .end(JSON.stringify({ message, type: 'InvalidInputException' }));
    }
  });
  return {
    endpoint: await listen(server),
    asked,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      s3.destroy();
      sqs.destroy();
    },
  };
}

async function readAsked(request: IncomingMessage): Promise<Asked | undefined> {
  const { s3Object }: { s3Object?: Asked } = JSON.parse(await text(request));
  return s3Object?.bucket && s3Object.key ? s3Object : undefined;
}

type Scanned = {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
  readonly eTag: string | undefined;
};

/** The documented event; src/lib/scan/guardduty.ts says where. */
function toEvent({ bucket, key, versionId, eTag }: Scanned, { scanStatus, ...result }: Said) {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'GuardDuty Malware Protection Object Scan Result',
    source: 'aws.guardduty',
    account: '000000000000',
    time: new Date().toISOString(),
    region,
    resources: [`arn:aws:guardduty:${region}:000000000000:malware-protection-plan/stand-in`],
    detail: {
      schemaVersion: '1.0',
      scanStatus,
      resourceType: 'S3_OBJECT',
      s3ObjectDetails: {
        bucketName: bucket,
        objectKey: key,
        eTag: eTag?.replaceAll('"', ''),
        versionId: versionId ?? 'null',
        s3Throttled: false,
      },
      scanResultDetails: result,
    },
  };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
