import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { InvokeCommand, LambdaClient, ResourceNotFoundException } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { Uint8ArrayBlobAdapter } from '@smithy/core/serde';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, test } from 'vitest';
import { openShell, readLines } from './shell.ts';

const AWS = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-central-1' };
const ID = '34340c23-051e-14db-0628-27fa2f069f97';
const OPERATOR = 'arn:aws:sts::123456789012:assumed-role/night/ada';
const lambda = mockClient(LambdaClient);
const logs = mockClient(CloudWatchLogsClient);
const sts = mockClient(STSClient);

afterEach(() => {
  for (const client of [lambda, logs, sts]) client.reset();
});

function blob(value: unknown) {
  return Uint8ArrayBlobAdapter.fromString(JSON.stringify(value));
}

/** A deployment whose function answers so, one answer after the other. */
async function setup(...answers: readonly unknown[]) {
  const shell = await openShell();
  sts.on(GetCallerIdentityCommand).resolves({ Arn: OPERATOR });
  const left = [...answers];
  lambda.on(InvokeCommand).callsFake(async () => ({ Payload: blob(left.shift() ?? null) }));
  const invocations = () =>
    lambda.commandCalls(InvokeCommand).map(({ args: [{ input }] }) => ({
      name: input.FunctionName,
      payload: JSON.parse(String(input.Payload)),
    }));
  const admin = (argv: readonly string[]) =>
    shell.sluice(['admin', ...argv, '--stage', 'prod'], { env: AWS });
  return { ...shell, admin, invocations };
}

/** A line that a function logged, and where. */
function logged(group: string, fields: object, timestamp = 1_700_000_000_000) {
  logs.on(DescribeLogGroupsCommand).resolves({ logGroups: [{ logGroupName: group }] });
  return { timestamp, message: JSON.stringify({ level: 'INFO', cold_start: true, ...fields }) };
}

describe('sluice admin', () => {
  test.each([
    [['admin'], 'show, announce'],
    [['admin', 'destroy'], 'show, announce'],
    [['admin', 'show'], 'Which upload?'],
    [['admin', 'show', ID, ID], 'One upload at a time'],
    [['admin', 'show', ID], '--stack'],
    [['admin', 'announce', '--stage', 'prod'], 'or use --stuck'],
    [['admin', 'announce', '--stuck', ID, '--stage', 'prod'], 'leave the ids out'],
    [['admin', 'announce', ID, '--older-than', '5m', '--stage', 'prod'], 'belongs to --stuck'],
    [
      ['admin', 'announce', '--stuck', '--older-than', 'long', '--stage', 'prod'],
      '--older-than must be a time',
    ],
    [['admin', 'announce', 'photo.jpg', '--stage', 'prod'], 'is not the id of an upload'],
    [['admin', 'show', ID, '--stage', 'a b'], 'is not the name of a stage'],
    [['admin', 'show', ID, '--stage', 'prod', '--stack', 'sluice-prod'], 'say the same'],
  ])('refuses %j', async (argv, said) => {
    await using world = await setup();
    const { code, err } = await world.sluice(argv, { env: AWS });
    expect([code, err]).toEqual([2, expect.stringContaining(said)]);
    expect(world.invocations()).toEqual([]);
  });

  test('asks the function of the stage, and says who it is by STS', async () => {
    await using world = await setup({ counts: { announced: 1 }, items: [{ id: ID, outcome: 'announced' }] });
    const { code, out } = await world.admin(['announce', ID]);
    expect([code, out]).toEqual([0, `announced   ${ID}\n1 announced.\n`]);
    expect(world.invocations()).toEqual([
      {
        name: 'sluice-prod-administer',
        payload: { schema: 1, operator: OPERATOR, command: 'announce', ids: [ID] },
      },
    ]);
  });

  test('does as well with keys that may not ask who they are', async () => {
    await using world = await setup({ counts: {}, items: [] });
    sts.on(GetCallerIdentityCommand).rejects(new Error('AccessDenied'));
    const { code, out } = await world.admin(['announce', '--stuck']);
    expect([code, out]).toEqual([0, 'nothing.\n']);
    expect(world.invocations()[0]?.payload).toEqual({ schema: 1, command: 'announce', stuckForSeconds: 300 });
  });

  test('goes from page to page, adds up, and tells of a dry run', async () => {
    await using world = await setup(
      { counts: { announced: 100, recent: 1 }, items: [], cursor: 'acme/1' },
      { counts: { announced: 20 }, items: [] },
    );
    const { out, err } = await world.admin(['announce', '--stuck', '--older-than', '2h', '--dry-run']);
    expect(out).toBe('120 announced, 1 recent. Nothing was changed.\n');
    expect(err).toBe('100 announced, 1 recent so far\n');
    expect(world.invocations().map(({ payload: { operator: _who, ...payload } }) => payload)).toEqual([
      { schema: 1, command: 'announce', stuckForSeconds: 7_200, dryRun: true },
      { schema: 1, command: 'announce', stuckForSeconds: 7_200, dryRun: true, cursor: 'acme/1' },
    ]);
  });

  test('writes a line of JSON for each thing, and one with the counts', async () => {
    const item = { id: ID, outcome: 'not there', detail: 'It is requested.' };
    await using world = await setup({ counts: { 'not there': 1 }, items: [item] });
    const { out, err } = await world.admin(['announce', ID, '--json']);
    expect([readLines(out), err]).toEqual([[item, { counts: { 'not there': 1 } }], '']);
  });

  test('fails where something has failed, and shows names that would act as what they are', async () => {
    const item = { id: ID, outcome: 'failed', detail: 'Error: \u001b[31mno' };
    await using world = await setup({ counts: { failed: 1 }, items: [item] });
    const { code, out } = await world.admin(['announce', ID]);
    expect([code, out]).toEqual([3, `failed      ${ID}  Error: \ufffd[31mno\n1 failed.\n`]);
  });

  test('says how to go on when a later page fails, and goes on there', async () => {
    await using world = await setup();
    lambda
      .on(InvokeCommand)
      .resolvesOnce({ Payload: blob({ counts: { announced: 100 }, items: [], cursor: 'acme/1' }) })
      .resolvesOnce({
        FunctionError: 'Unhandled',
        Payload: blob({ errorType: 'TimeoutError', errorMessage: '60 s' }),
      })
      .resolves({ Payload: blob({ counts: { announced: 5 }, items: [] }) });
    const first = await world.admin(['announce', '--stuck']);
    expect(first.code).toBe(3);
    expect(first.err).toContain('sluice-prod-administer failed: TimeoutError: 60 s');
    expect(first.err).toContain('--resume acme/1');
    const second = await world.admin(['announce', '--stuck', '--resume', 'acme/1']);
    expect([second.code, second.out]).toEqual([0, '5 announced.\n']);
    expect(world.invocations().at(-1)?.payload.cursor).toBe('acme/1');
  });

  test('tells that the deployment has no such function', async () => {
    await using world = await setup();
    lambda.on(InvokeCommand).rejects(new ResourceNotFoundException({ $metadata: {}, message: 'none' }));
    const { code, err } = await world.admin(['announce', '--stuck']);
    expect([code, err]).toEqual([3, expect.stringContaining('There is no function sluice-prod-administer.')]);
  });

  test('tells what the function does not understand', async () => {
    await using world = await setup({ error: { code: 'call_invalid', message: 'Invalid key.' } });
    expect(await world.admin(['announce', '--stuck'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('Invalid key.'),
    });
  });
});

describe('sluice admin show', () => {
  const SHOWN = {
    id: ID,
    key: `acme/${ID}`,
    state: 'requested',
    owner: { tenant: 'acme', subject: 'ada' },
    row: {
      policy: 'images',
      filename: 'a\u202egpj.exe',
      createdAt: 1_700_000_000_000,
      correlationId: 'req-1',
    },
    objects: [{ place: 'incoming', key: `acme/${ID}`, isLatest: true, size: 2_048 }],
    unfinished: [],
    messages: [{ queue: 'arrivals', messageId: 'm1', body: '{}' }],
    searched: { arrivals: { messages: 3, isAll: true } },
    advice: [{ text: 'Announce it.', commands: [`sluice admin announce ${ID}`] }],
  };

  test('shows row, objects, messages, log lines and what to do', async () => {
    await using world = await setup(SHOWN);
    const line = logged('/aws/lambda/sluice-prod-request-upload', {
      message: 'upload requested',
      uploadId: ID,
    });
    logs
      .on(FilterLogEventsCommand)
      .resolves({ events: [line, { timestamp: 1, message: 'START RequestId' }] });
    const { code, out } = await world.admin(['show', ID]);
    expect(code).toBe(0);
    for (const said of [
      `${ID}  requested`,
      'ada of acme',
      'a\ufffdgpj.exe',
      '2023-11-14T22:13:20.000Z',
      'incoming  2 KiB',
      'arrivals  1 of it, among all 3',
      `sluice-prod-request-upload  INFO  upload requested  {"uploadId":"${ID}"}`,
      `sluice admin announce ${ID}`,
    ]) {
      expect(out).toContain(said);
    }
    expect(out.match(/upload requested/g)).toHaveLength(1);
    const [call] = logs.commandCalls(FilterLogEventsCommand);
    expect(call?.args[0].input).toMatchObject({
      filterPattern: `"${ID}"`,
      startTime: 1_700_000_000_000 - 60_000,
    });
  });

  test('writes all of it as one line of JSON, and searches no logs if it is told so', async () => {
    await using world = await setup(SHOWN, SHOWN);
    logs.on(DescribeLogGroupsCommand).resolves({ logGroups: [] });
    expect(readLines((await world.admin(['show', ID, '--json'])).out)).toEqual([{ ...SHOWN, log: [] }]);
    const searches = logs.calls().length;
    expect(readLines((await world.admin(['show', ID, '--json', '--no-logs'])).out)).toEqual([SHOWN]);
    expect(logs.calls()).toHaveLength(searches);
  });

  test('is asked by a key', async () => {
    await using world = await setup(SHOWN);
    await world.admin(['show', `acme/${ID}`, '--no-logs']);
    expect(world.invocations()[0]?.payload).toMatchObject({ command: 'show', id: ID, key: `acme/${ID}` });
  });

  test('finds the upload by a request id, through pages of the log that hold nothing', async () => {
    await using world = await setup(SHOWN);
    const line = logged('/aws/lambda/sluice-prod-verify-arrivals', {
      message: 'upload accepted',
      uploadId: ID,
    });
    logs
      .on(FilterLogEventsCommand)
      .resolvesOnce({ events: [], nextToken: 't' })
      .resolves({ events: [line] });
    expect((await world.admin(['show', 'JKJaXmPLvHcESHA='])).code).toBe(0);
    expect(world.invocations()[0]?.payload).toMatchObject({ command: 'show', id: ID });
  });

  test('takes what is no upload for a message id, and finds the upload that its line names', async () => {
    const MESSAGE = 'aaaaaaaa-051e-14db-0628-27fa2f069f97';
    const nothing = { id: MESSAGE, objects: [], unfinished: [], messages: [], searched: {}, advice: [] };
    await using world = await setup(nothing, SHOWN);
    const line = logged('/aws/lambda/sluice-prod-verify-arrivals', {
      message: 'arrival not verified',
      messageId: MESSAGE,
      uploadId: ID,
    });
    logs.on(FilterLogEventsCommand).resolves({ events: [line] });
    expect((await world.admin(['show', MESSAGE])).out).toContain('ada of acme');
    expect(world.invocations().map(({ payload }) => payload.id)).toEqual([MESSAGE, ID]);
  });

  test.each([
    [[], 3, 'No line of the logs'],
    [[{ message: 'request refused', correlation_id: 'x' }], 3, 'the request was refused'],
    [
      [
        { message: 'a', uploadId: 'u1' },
        { message: 'a', uploadId: 'u2' },
      ],
      2,
      'It is of several uploads; name one: u1, u2.',
    ],
  ])('says so where the log has %j', async (lines, exit, said) => {
    await using world = await setup();
    logs
      .on(DescribeLogGroupsCommand)
      .resolves({ logGroups: [{ logGroupName: '/aws/lambda/sluice-prod-x' }] });
    logs
      .on(FilterLogEventsCommand)
      .resolves({ events: lines.map((line) => logged('/aws/lambda/sluice-prod-x', line)) });
    const { code, err } = await world.admin(['show', 'req-1']);
    expect([code, err]).toEqual([exit, expect.stringContaining(said)]);
    expect(world.invocations()).toEqual([]);
  });

  test('shows the rest to somebody who may not read the logs', async () => {
    await using world = await setup(SHOWN);
    logs.on(DescribeLogGroupsCommand).rejects(new Error('AccessDenied'));
    const { code, out, err } = await world.admin(['show', ID]);
    expect([code, err]).toEqual([0, expect.stringContaining('The logs could not be read')]);
    expect(out).toContain('ada of acme');
  });
});
