import { GuardDutyClient, SendObjectMalwareScanCommand } from '@aws-sdk/client-guardduty';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, test } from 'vitest';
import { createAskGuardDuty } from '../../../src/lib/aws/guardduty.ts';
import { createSignScan } from '../../../src/lib/aws/scan-address.ts';
import { createCallFunction } from '../../../src/lib/aws/scanner-function.ts';
import { roleKeys } from '../../../src/lib/aws/stores.ts';
import { ScannerRefused } from '../../../src/lib/scan/ask.ts';
import { toFunctionCall } from '../../../src/lib/scan/function-call.ts';
import { aScannedObject, aScanRequest } from '../scan/a-scan.ts';

const ARN = 'arn:aws:lambda:eu-central-1:123456789012:function:scanner';
const CALL = toFunctionCall(aScanRequest(), { url: 'https://example.com/', expiresAt: new Date(0) });

function setup() {
  const [guardDutyClient, lambdaClient] = [
    new GuardDutyClient({ region: 'eu-central-1' }),
    new LambdaClient({ region: 'eu-central-1' }),
  ];
  const call = createCallFunction(lambdaClient, ARN);
  return {
    guardDuty: mockClient(guardDutyClient),
    lambda: mockClient(lambdaClient),
    ask: createAskGuardDuty(guardDutyClient),
    call: (signal = new AbortController().signal) => call(CALL, signal),
  };
}

/** An error as the SDK makes it of an answer. */
function failure(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(`${name}: of account 123456789012`), {
    name,
    $metadata: { httpStatusCode },
  });
}

const FINAL = [
  ['AccessDeniedException', 403],
  ['BadRequestException', 400],
  ['ResourceNotFoundException', 404],
] as const;
const PASSING = [
  ['TooManyRequestsException', 429],
  ['InternalServerErrorException', 500],
  ['ServiceException', 503],
] as const;

describe('GuardDuty', () => {
  test('is asked about one version of an object, or about the only one', async () => {
    const { guardDuty, ask } = setup();
    guardDuty.on(SendObjectMalwareScanCommand).resolves({});
    const { bucket, key, versionId } = aScannedObject();
    await ask(aScannedObject());
    await ask({ bucket, key });
    expect(
      guardDuty.commandCalls(SendObjectMalwareScanCommand).map(({ args: [{ input }] }) => input),
    ).toEqual([
      { S3Object: { Bucket: bucket, Key: key, VersionId: versionId } },
      { S3Object: { Bucket: bucket, Key: key } },
    ]);
  });

  test.each(FINAL)(
    'that answers %s has refused, which is shown without what it says',
    async (name, status) => {
      const { guardDuty, ask } = setup();
      guardDuty.on(SendObjectMalwareScanCommand).rejects(failure(name, status));
      await expect(ask(aScannedObject())).rejects.toThrow(
        new ScannerRefused(`GuardDuty did not take the request (${name})`),
      );
    },
  );

  test.each(PASSING)('that answers %s is asked again', async (name, status) => {
    const { guardDuty, ask } = setup();
    guardDuty.on(SendObjectMalwareScanCommand).rejects(failure(name, status));
    await expect(ask(aScannedObject())).rejects.toThrow('of account');
  });
});

describe('the team’s function', () => {
  test('is called with the request, and its answer is returned as it is', async () => {
    const { lambda, call } = setup();
    lambda.on(InvokeCommand).resolves({ Payload: Buffer.from('{"outcome":"clean"}') as never });
    expect(await call()).toBe('{"outcome":"clean"}');
    const [invoked] = lambda.commandCalls(InvokeCommand);
    const { FunctionName, Payload } = invoked?.args[0].input ?? {};
    expect(FunctionName).toBe(ARN);
    expect(JSON.parse(String(Payload))).toEqual(CALL);
  });

  test('that throws has refused', async () => {
    const { lambda, call } = setup();
    const Payload = Buffer.from('{"errorType":"Sandbox.Timedout","errorMessage":"secret"}') as never;
    lambda.on(InvokeCommand).resolves({ FunctionError: 'Unhandled', Payload });
    await expect(call()).rejects.toThrow(
      new ScannerRefused('The scanner function failed (Sandbox.Timedout)'),
    );
  });

  test.each(FINAL)('that cannot be called for %s has refused', async (name, status) => {
    const { lambda, call } = setup();
    lambda.on(InvokeCommand).rejects(failure(name, status));
    await expect(call()).rejects.toThrow(
      new ScannerRefused(`The scanner function could not be called (${name})`),
    );
  });

  test.each(PASSING)('that cannot be called for %s is called again', async (name, status) => {
    const { lambda, call } = setup();
    lambda.on(InvokeCommand).rejects(failure(name, status));
    await expect(call()).rejects.toThrow('of account');
  });

  test('whose time is over is told apart from one that refuses', async () => {
    const { lambda, call } = setup();
    lambda.on(InvokeCommand).rejects(failure('AccessDeniedException', 403));
    await expect(call(AbortSignal.abort())).rejects.not.toBeInstanceOf(ScannerRefused);
  });
});

test('an address is of one version, and is valid for as long as was asked', async () => {
  const settings = resolveSettings({
    environment: {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
    },
  });
  const sign = createSignScan({ settings, publicSettings: settings, keys: roleKeys(settings) });
  const signedAt = new Date('2026-11-20T09:15:00Z');
  const { bucket, key, versionId } = aScannedObject();
  const { url, expiresAt } = await sign(aScannedObject(), 300, signedAt);
  expect(expiresAt).toEqual(new Date('2026-11-20T09:20:00Z'));
  expect(url).toContain(`${bucket}.s3.eu-central-1.amazonaws.com/${key}?`);
  expect(new URL(url).searchParams.get('versionId')).toBe(versionId);
  expect(new URL((await sign({ bucket, key }, 300, signedAt)).url).searchParams.has('versionId')).toBe(false);
});
