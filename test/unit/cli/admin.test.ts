import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
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
    [['admin'], 'show, announce, redrive'],
    [['admin', 'destroy'], 'show, announce, redrive'],
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
    expect([code, out]).toEqual([0, `announced     ${ID}\n1 announced.\n`]);
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
    expect([code, out]).toEqual([3, `failed        ${ID}  Error: \ufffd[31mno\n1 failed.\n`]);
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

  test('leaves out the lines of other uploads that the same call requested', async () => {
    await using world = await setup(SHOWN);
    const lineOf = (uploadId: string) =>
      logged('/aws/lambda/sluice-prod-request-uploads', { message: 'upload requested', uploadId });
    const ofTheCall = logged('/aws/lambda/sluice-prod-request-uploads', { message: 'slow call' });
    const other = 'aaaaaaaa-051e-14db-0628-27fa2f069f97';
    logs
      .on(FilterLogEventsCommand)
      .resolves({ events: [] })
      .on(FilterLogEventsCommand, { filterPattern: '"req-1"' })
      .resolves({ events: [lineOf(ID), lineOf(other), ofTheCall] });
    const { out } = await world.admin(['show', ID]);
    expect(out).toContain('slow call');
    expect(out).toContain(`{"uploadId":"${ID}"}`);
    expect(out).not.toContain(other);
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
    // Of this very look: the function that is asked for the id writes down that it was.
    const own = logged('/aws/lambda/sluice-prod-administer', { message: 'admin command', uploadId: MESSAGE });
    logs.on(FilterLogEventsCommand).resolves({ events: [own, line] });
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

describe('the other admin commands', () => {
  const SINCE = Date.parse('2026-11-20');

  test.each<[readonly string[], object]>([
    [['redrive', 'arrivals'], { command: 'redrive', queue: 'arrivals' }],
    [
      ['redrive', 'events', '--cause', 'overdue,refused'],
      { command: 'redrive', queue: 'events', causes: ['overdue', 'refused'] },
    ],
    [['rejudge', ID], { command: 'rejudge', ids: [ID] }],
    [
      ['rejudge', '--policy', 'images', '--since', '2026-11-20', '--reason', 'type_mismatch'],
      { command: 'rejudge', where: { policy: 'images', since: SINCE, reason: 'type_mismatch' } },
    ],
    [['reconcile'], { command: 'reconcile' }],
    [['reconcile', '--repair', '--missing', 'end'], { command: 'reconcile', repair: true, missing: 'end' }],
    [['reconcile', '--orphans', 'set-aside'], { command: 'reconcile', orphans: 'set-aside' }],
    [['rescan'], { command: 'rescan', where: {} }],
    [['rescan', ID], { command: 'rescan', ids: [ID] }],
    [
      ['rescan', '--policy', 'images', '--since', '2026-11-20'],
      { command: 'rescan', where: { policy: 'images', since: SINCE } },
    ],
    [['restore', '--table', 'sluice-prod-restored'], { command: 'restore', table: 'sluice-prod-restored' }],
    [['erase', '--owner', 'ada', '--yes'], { command: 'erase', tenant: 'ada', subject: 'ada' }],
    [['block', '--owner', 'ada'], { command: 'block', tenant: 'ada', subject: 'ada' }],
    [
      ['adopt', 's3://old/photos/', '--policy', 'images', '--tenant', 'acme', '--owner', 'ada'],
      {
        command: 'adopt',
        bucket: 'old',
        prefix: 'photos/',
        policy: 'images',
        tenant: 'acme',
        subject: 'ada',
      },
    ],
    [['usage', '--tenant', 'acme'], { command: 'usage', tenant: 'acme' }],
    [
      ['usage', '--owner', 'ada', '--recount', '--repair'],
      { command: 'usage', tenant: 'ada', subject: 'ada', recount: true, repair: true },
    ],
    [
      ['usage', '--tenant', 'acme', '--max-files', '9', '--max-bytes', '1GiB'],
      { command: 'usage', tenant: 'acme', limits: { files: 9, bytes: 1_073_741_824 } },
    ],
    [['usage', '--tenant', 'acme', '--no-limits'], { command: 'usage', tenant: 'acme', limits: 'none' }],
    [['unblock', '--tenant', 'acme'], { command: 'unblock', tenant: 'acme' }],
    [['erase', '--tenant', 'acme', '--yes'], { command: 'erase', tenant: 'acme' }],
    [
      ['erase', '--tenant', 'acme', '--owner', 'ada', '--dry-run'],
      { command: 'erase', tenant: 'acme', subject: 'ada', dryRun: true },
    ],
  ])('%j asks for what was said', async (argv, payload) => {
    await using world = await setup({ counts: { done: 1 }, items: [] });
    const { code, err } = await world.admin(argv);
    expect([code, err]).toEqual([0, '']);
    expect(world.invocations()[0]?.payload).toEqual({ schema: 1, operator: OPERATOR, ...payload });
  });

  test.each([
    [['redrive'], 'Which queue?'],
    [['redrive', 'mail'], 'arrivals, events, webhooks'],
    [['redrive', 'arrivals', 'events'], 'Which queue?'],
    [['rejudge'], '--policy and --since'],
    [['rejudge', '--policy', 'images'], '--policy and --since'],
    [['rejudge', ID, '--policy', 'images'], 'leave --policy'],
    [['rejudge', '--policy', 'images', '--since', 'once'], '--since must be a time'],
    [['reconcile', ID], 'one word too many'],
    [['reconcile', '--orphans', 'remove'], 'only one thing: set-aside'],
    [['rescan', ID, '--policy', 'images'], 'leave --policy'],
    [['reconcile', '--missing', 'forget'], 'only one thing: end'],
    [['restore'], '--table'],
    [['restore', '--table', 'a b'], '--table'],
    [['erase', '--yes'], 'Whose?'],
    [['erase', '--owner', 'ada'], 'cannot be undone'],
    [['usage', '--owner', 'ada', '--repair'], '--recount'],
    [['usage', '--owner', 'ada', '--no-limits', '--max-files', '1'], '--no-limits'],
    [['adopt', '--policy', 'images', '--owner', 'ada'], 'From where?'],
    [['adopt', 's3://old', '--owner', 'ada'], 'By which policy?'],
    [['adopt', 's3://old', '--policy', 'images', '--tenant', 'acme'], 'Name --owner'],
    [['export', '--owner', 'ada'], 'Where to?'],
    [['export', '--to', 'x'], 'Whose?'],
  ])('%j is refused', async (argv, said) => {
    await using world = await setup();
    const { code, err } = await world.admin(argv);
    expect([code, err]).toEqual([2, expect.stringContaining(said)]);
    expect(world.invocations()).toEqual([]);
  });

  test.each([
    ['ada', 0],
    ['bob', 2],
  ])('erase asks whom it is about, and takes %j as the answer with exit code %i', async (typed, exit) => {
    await using world = await setup({ counts: {}, items: [] });
    const questions: string[] = [];
    const ask = async (question: string) => {
      questions.push(question);
      return typed;
    };
    const argv = ['admin', 'erase', '--tenant', 'acme', '--owner', 'ada', '--stage', 'prod'];
    const { code } = await world.sluice(argv, { env: AWS, ask });
    expect(code).toBe(exit);
    expect(questions).toEqual([
      'All uploads of ada of tenant acme are removed for ever. Type ada to go on: ',
    ]);
    expect(world.invocations()).toHaveLength(exit === 0 ? 1 : 0);
  });

  test('an erasure writes a certificate of what was removed and of what others still hold', async () => {
    await using world = await setup(
      { counts: { uploads: 2, objects: 3 }, items: [], cursor: 'grants:' },
      { counts: { grants: 1, later: 1 }, items: [], notes: ['Backups hold the rows until 2026-12-25.'] },
    );
    const file = join(world.folder, 'ada.json');
    const { out } = await world.admin(['erase', '--owner', 'ada', '--yes', '--certificate', file]);
    expect(out).toBe('2 uploads, 3 objects, 1 grants, 1 later.\nBackups hold the rows until 2026-12-25.\n');
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      stack: 'sluice-prod',
      tenant: 'ada',
      subject: 'ada',
      isComplete: false,
      counts: { uploads: 2, objects: 3, grants: 1, later: 1 },
      stillHeld: ['Backups hold the rows until 2026-12-25.'],
    });
  });

  test('an adoption writes the manifest of a job, with keys as in a URL', async () => {
    const items = [{ id: 'a b/c,d.csv', outcome: 'listed' }];
    await using world = await setup({ counts: { listed: 1 }, items });
    const argv = ['adopt', 's3://old', '--policy', 'data', '--owner', 'ada', '--manifest', 'keys.csv'];
    expect((await world.admin(argv)).out).toBe('1 listed.\n');
    expect(await readFile(join(world.folder, 'keys.csv'), 'utf8')).toBe('old,a%20b/c%2Cd.csv\n');
    expect(world.invocations()[0]?.payload).toMatchObject({ isList: true });
  });
});

describe('sluice admin audit', () => {
  const WHO = 'fXq1c9m0Yk2vQmT8s7hJ4A';
  const RECORD = { message: 'download granted', audit: true, caller: 'user', who: WHO, uploadId: ID };

  async function setupLogs() {
    const world = await setup();
    const lines = [
      logged('/aws/lambda/sluice-prod-download-upload', RECORD),
      logged('/aws/lambda/sluice-prod-verify-arrivals', { message: 'upload accepted', uploadId: ID }),
    ];
    logs.on(FilterLogEventsCommand).resolves({ events: lines });
    const searched = () =>
      logs.commandCalls(FilterLogEventsCommand).map(({ args: [{ input }] }) => input.filterPattern);
    return { ...world, searched };
  }

  test.each([
    [[ID], ID],
    [['--who', WHO], WHO],
  ])('tells the records of %j, and no other line', async (named, text) => {
    await using world = await setupLogs();
    const { code, out, err } = await world.admin(['audit', ...named]);
    expect([code, out]).toEqual([
      0,
      `2023-11-14T22:13:20.000Z  download granted  caller=user who=${WHO} uploadId=${ID}\n`,
    ]);
    expect(err).toContain('1 records since');
    expect(world.searched()).toEqual([`"${text}"`]);
    expect(world.invocations()).toEqual([]);
  });

  test('writes a line of JSON for each record', async () => {
    await using world = await setupLogs();
    const { out } = await world.admin(['audit', ID, '--json']);
    expect(readLines(out)).toEqual([
      { time: '2023-11-14T22:13:20.000Z', deed: 'download granted', caller: 'user', who: WHO, uploadId: ID },
    ]);
  });

  test('says where there may be none', async () => {
    await using world = await setup();
    logs.on(DescribeLogGroupsCommand).resolves({ logGroups: [] });
    const { code, err } = await world.admin(['audit', ID]);
    expect([code, err]).toEqual([0, expect.stringContaining('auditRetentionInDays')]);
  });

  test.each([
    [[], 'Deeds of what?'],
    [[ID, '--who', WHO], 'Deeds of what?'],
    [['--who', 'ada'], '--who is a digest'],
    [['photo.jpg'], 'is not the id of an upload'],
  ])('refuses %j', async (named, said) => {
    await using world = await setup();
    expect(await world.admin(['audit', ...named])).toMatchObject({
      code: 2,
      err: expect.stringContaining(said),
    });
  });
});
