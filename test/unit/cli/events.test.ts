import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  DescribeArchiveCommand,
  DescribeReplayCommand,
  EventBridgeClient,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, test } from 'vitest';
import { anEvent } from '../event/an-event.ts';
import { openShell, readLines } from './shell.ts';

const AWS = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-central-1' };
const eventBridge = mockClient(EventBridgeClient);
const sqs = mockClient(SQSClient);

afterEach(() => {
  eventBridge.reset();
  sqs.reset();
});

async function setup() {
  const shell = await openShell();
  const { events, endpoint } = shell.server;
  events.push(
    anEvent({ id: 'u1.accepted' }),
    anEvent({ id: 'u2.rejected', type: 'upload.rejected' }),
    anEvent({ id: 'u1.deleted', type: 'upload.deleted', time: '2026-11-21T00:00:00.000Z' }),
  );
  return { ...shell, env: { SLUICE_ENDPOINT: endpoint, SLUICE_TOKEN: 'token-1', ...AWS } };
}

describe('sluice events list', () => {
  test('lists all pages, a line for each event, oldest first', async () => {
    await using world = await setup();
    const { code, out } = await world.sluice(['events', 'list', '--since', '2026-11-20']);
    expect(code).toBe(0);
    expect(out.trim().split('\n')).toEqual([
      '2026-11-20T09:15:00.000Z  upload.accepted         upload-1  photo.jpg',
      '2026-11-20T09:15:00.000Z  upload.rejected         upload-1  photo.jpg',
      '2026-11-21T00:00:00.000Z  upload.deleted          upload-1  photo.jpg',
    ]);
    const queries = world.server.calls('GET /events').map(({ query }) => new URLSearchParams(query));
    expect(queries.map((query) => [query.get('since'), query.get('after')])).toEqual([
      ['2026-11-20T00:00:00.000Z', null],
      [null, '2'],
    ]);
  });

  test('writes each event as it came for scripts, and asks for the types that it is told', async () => {
    await using world = await setup();
    const { out } = await world.sluice(['events', '--json', 'list', '--type', 'rejected,upload.deleted']);
    expect(readLines(out)).toEqual(world.server.events.slice(1));
    const [call] = world.server.calls('GET /events');
    expect(new URLSearchParams(call?.query).get('type')).toBe('upload.rejected,upload.deleted');
  });

  test('begins a day ago when it is not told when, or as long ago as it is told', async () => {
    await using world = await setup();
    await world.sluice(['events', 'list']);
    await world.sluice(['events', 'list', '--since', '90m']);
    const times = world.server
      .calls('GET /events')
      .flatMap(({ query }) => new URLSearchParams(query).get('since') ?? [])
      .map((text) => Date.parse(text));
    const now = Date.parse('2026-01-01T00:10:00.000Z');
    expect(times.map((time) => Math.round((now - time) / 60_000))).toEqual([24 * 60, 90]);
  });

  test('goes on with what happens, until it is stopped', async () => {
    await using world = await setup();
    const stop = new AbortController();
    let polls = 0;
    const sleep = async () => {
      polls += 1;
      if (polls === 1) world.server.events.push(anEvent({ id: 'u3.accepted' }));
      if (polls === 2) stop.abort();
      stop.signal.throwIfAborted();
    };
    const timing = { sleep, random: () => 0.5, now: () => 0 };
    const { code, out } = await world.sluice(['events', 'list', '--follow', '--json'], {
      timing,
      signal: stop.signal,
    });
    expect(code).toBe(130);
    expect(readLines(out).map((event) => Object(event).id)).toContain('u3.accepted');
  });

  test('shows names that would turn a line around as what they are', async () => {
    await using world = await setup();
    const hostile = anEvent({ id: 'u4.accepted' });
    world.server.events.push({ ...hostile, data: { ...hostile.data, filename: 'a\u001b[31m\u202egpj.exe' } });
    const { out } = await world.sluice(['events', 'list']);
    expect(out).toContain('a\ufffd[31m\ufffdgpj.exe');
  });

  test.each([
    [['events'], 'list, listen, replay, redrive'],
    [['events', 'eat'], 'list, listen, replay, redrive'],
    [['events', 'list', 'all'], 'one word too many'],
    [['events', 'list', '--since', 'yesterday'], '--since must be a time'],
    [['events', 'list', '--type', 'upload.eaten'], '--type must be one or more of upload.accepted'],
    [['events', 'list', '--forward', 'http://x'], "Unknown option '--forward'"],
    [['events', 'listen'], '--forward'],
    [['events', 'listen', '--forward', 'localhost:3000'], '--forward'],
    [['events', 'listen', '--forward', 'http://localhost', '--secret', 'abc'], 'whsec_'],
    [['events', 'replay'], '--since'],
    [['events', 'replay', '--since', '1h', '--until', '2h'], '--until must be later'],
    [['events', 'replay', '--since', '1h', '--type', 'deleted', '--stack', 'x'], '--rule'],
    [['events', 'replay', '--since', '1h'], '--stack'],
    [['events', 'redrive'], '--stack'],
  ])('is refused with what to do: %j', async (argv, said) => {
    await using world = await setup();
    const { code, err } = await world.sluice(argv, { env: world.env });
    expect(code).toBe(2);
    expect(err).toContain(said);
  });
});

/** An app's own server: what it was sent, and what it answers, one status after the other. */
async function startReceiver(...statuses: readonly number[]) {
  const got: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(statuses[got.length - 1] ?? 204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    got,
    url: `http://127.0.0.1:${port}/hook`,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

describe('sluice events listen', () => {
  /** Listens until nothing is left and it would wait for more. */
  async function listen(world: Awaited<ReturnType<typeof setup>>, ...options: readonly string[]) {
    const stop = new AbortController();
    const slept: number[] = [];
    const timing = {
      sleep: async (ms: number) => {
        slept.push(ms);
        if (slept.length > 8) stop.abort();
        stop.signal.throwIfAborted();
      },
      random: () => 0.5,
      now: () => Date.now(),
    };
    const argv = ['events', 'listen', '--json', ...options];
    return { ...(await world.sluice(argv, { timing, signal: stop.signal })), slept };
  }

  test('brings each event, signed so that a library of Standard Webhooks takes it', async () => {
    await using world = await setup();
    await using receiver = await startReceiver();
    const { out, code } = await listen(world, '--since', '1h', '--forward', receiver.url);
    expect(code).toBe(130);
    const [first] = readLines(out);
    const { secret } = first as { secret: string };
    expect(secret).toMatch(/^whsec_/);
    expect(receiver.got.map(({ headers }) => headers['webhook-id'])).toEqual([
      'u1.accepted',
      'u2.rejected',
      'u1.deleted',
    ]);
    for (const { headers, body } of receiver.got) {
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
        type: expect.stringMatching(/^upload\./),
        timestamp: expect.any(String),
        data: { id: 'upload-1' },
      });
    }
  });

  test('signs with the secret that it is given, and shows it', async () => {
    await using world = await setup();
    await using receiver = await startReceiver();
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const { out } = await listen(world, '--since', '1h', '--forward', receiver.url, '--secret', secret);
    expect(readLines(out)[0]).toEqual({ secret, forward: receiver.url });
    const [{ headers, body } = { headers: {}, body: '' }] = receiver.got;
    new Webhook(secret).verify(body, headers as Record<string, string>);
  });

  test('tries again what is answered with an error, then leaves it and goes on', async () => {
    await using world = await setup();
    await using receiver = await startReceiver(500, 204, 500, 302, 400, 204);
    const { err } = await listen(world, '--since', '1h', '--forward', receiver.url);
    expect(receiver.got.map(({ headers }) => headers['webhook-id'])).toEqual([
      ...['u1.accepted', 'u1.accepted'],
      ...['u2.rejected', 'u2.rejected', 'u2.rejected'],
      'u1.deleted',
    ]);
    expect(err).toContain('Left after 3 tries: u2.rejected');
  });

  test('waits for a receiver that is not there', async () => {
    await using world = await setup();
    const { url, ...gone } = await startReceiver();
    await gone[Symbol.asyncDispose]();
    world.server.events.splice(1);
    const { slept, out } = await listen(world, '--since', '1h', '--forward', url);
    expect(slept.slice(0, 5)).toEqual([1_000, 2_000, 5_000, 10_000, 30_000]);
    expect(readLines(out)[1]).toEqual({ id: 'u1.accepted', type: 'upload.accepted', kind: 'unreachable' });
  });
});

const ARN = 'arn:aws:events:eu-central-1:123456789012';

describe('sluice events replay', () => {
  function archive(...states: readonly string[]) {
    eventBridge.on(DescribeArchiveCommand, { ArchiveName: 'sluice-prod-events' }).resolves({
      ArchiveArn: `${ARN}:archive/sluice-prod-events`,
      EventSourceArn: `${ARN}:event-bus/sluice-prod`,
    });
    eventBridge.on(StartReplayCommand).resolves({ State: 'STARTING' });
    const looks = eventBridge.on(DescribeReplayCommand);
    for (const State of states) {
      looks.resolvesOnce({
        State: State as 'RUNNING',
        EventLastReplayedTime: new Date('2026-01-01T00:00:00Z'),
        StateReason: 'because',
      });
    }
  }

  test('has the archive replayed to its bus, and tells how far it is', async () => {
    await using world = await setup();
    archive('STARTING', 'RUNNING', 'COMPLETED');
    const argv = ['events', 'replay', '--since', '2026-01-01', '--stack', 'sluice-prod'];
    const { code, out, err } = await world.sluice(argv, { env: world.env });
    expect(code).toBe(0);
    const [start] = eventBridge.commandCalls(StartReplayCommand);
    expect(start?.args[0].input).toMatchObject({
      ReplayName: expect.stringMatching(/^sluice-prod-\d+$/),
      EventSourceArn: `${ARN}:archive/sluice-prod-events`,
      EventStartTime: new Date('2026-01-01T00:00:00Z'),
      Destination: { Arn: `${ARN}:event-bus/sluice-prod` },
    });
    expect(start?.args[0].input.Destination).not.toHaveProperty('FilterArns');
    // Looked at three times, and told once of each thing that is new.
    expect(err.trim().split('\n')).toEqual([
      expect.stringMatching(/^The replay sluice-prod-\d+ is under way/),
      'Replayed up to 2026-01-01T00:00:00.000Z',
    ]);
    expect(out).toMatch(/^Replayed\..* sluice-prod-\d+\n$/);
  });

  test('is for the rules alone that are named', async () => {
    await using world = await setup();
    archive('COMPLETED');
    const argv = [
      'events',
      'replay',
      '--since',
      '2026-01-01',
      '--stack',
      'sluice-prod',
      '--rule',
      'a',
      '--rule',
      'b',
      '--json',
    ];
    const { out } = await world.sluice(argv, { env: world.env });
    const [start] = eventBridge.commandCalls(StartReplayCommand);
    expect(start?.args[0].input.Destination?.FilterArns).toEqual([
      `${ARN}:rule/sluice-prod/a`,
      `${ARN}:rule/sluice-prod/b`,
    ]);
    expect(readLines(out)).toMatchObject([{ state: 'completed' }]);
  });

  test('that EventBridge ends is told with its reason', async () => {
    await using world = await setup();
    archive('FAILED');
    const argv = ['events', 'replay', '--since', '2026-01-01', '--stack', 'sluice-prod'];
    expect(await world.sluice(argv, { env: world.env })).toMatchObject({
      code: 3,
      err: expect.stringMatching(/has failed: because/),
    });
  });

  test('with --dry-run counts what the feed has, and replays nothing', async () => {
    await using world = await setup();
    const argv = [
      'events',
      'replay',
      '--since',
      '2026-11-20',
      '--until',
      '2026-11-20T23:59:59Z',
      '--dry-run',
      '--json',
    ];
    // Its clock stands before these events, which makes no difference.
    const { out } = await world.sluice(argv);
    expect(readLines(out)).toEqual([{ events: 2, types: { 'upload.accepted': 1, 'upload.rejected': 1 } }]);
    expect(eventBridge.calls()).toEqual([]);
  });
});

describe('sluice events redrive', () => {
  function queues(...bodies: readonly string[]) {
    const left = [...bodies];
    sqs.on(GetQueueUrlCommand).callsFake(({ QueueName }) => ({ QueueUrl: `https://${QueueName}` }));
    sqs
      .on(GetQueueAttributesCommand)
      .callsFake(() => ({ Attributes: { ApproximateNumberOfMessages: String(left.length) } }));
    sqs.on(ReceiveMessageCommand).callsFake(({ MaxNumberOfMessages }) => ({
      Messages: left.splice(0, MaxNumberOfMessages).map((Body) => ({ Body, ReceiptHandle: `r-${Body}` })),
    }));
    sqs.on(SendMessageCommand).resolves({});
    sqs.on(DeleteMessageCommand).resolves({});
    return left;
  }

  test('moves each message to the queue of retries, and removes it only then', async () => {
    await using world = await setup();
    queues(...Array.from({ length: 12 }, (_, index) => `m${index}`));
    const { code, out } = await world.sluice(['events', 'redrive', '--stack', 'sluice-prod', '--json'], {
      env: world.env,
    });
    expect(code).toBe(0);
    expect(readLines(out)).toEqual([{ sent: 12 }]);
    const order = sqs
      .calls()
      .map(({ args: [{ input }] }) => Object(input))
      .filter(({ MessageBody, ReceiptHandle }) => MessageBody ?? ReceiptHandle);
    expect(order.slice(0, 2)).toEqual([
      { QueueUrl: 'https://sluice-prod-event-retries', MessageBody: 'm0' },
      { QueueUrl: 'https://sluice-prod-event-dead-letters', ReceiptHandle: 'r-m0' },
    ]);
    expect(order).toHaveLength(24);
  });

  test('moves what was there when it began, and not again what comes back', async () => {
    await using world = await setup();
    const left = queues('a', 'b');
    sqs.on(SendMessageCommand).callsFake(({ MessageBody }) => void left.push(MessageBody));
    const { out } = await world.sluice(['events', 'redrive', '--stack', 'sluice-prod', '--json'], {
      env: world.env,
    });
    expect(readLines(out)).toEqual([{ sent: 2 }]);
  });

  test('leaves a message where it is that cannot be sent', async () => {
    await using world = await setup();
    queues('a');
    sqs.on(SendMessageCommand).rejects(new Error('AccessDenied'));
    const { code } = await world.sluice(['events', 'redrive', '--stack', 'sluice-prod'], { env: world.env });
    expect(code).toBe(3);
    expect(sqs.commandCalls(DeleteMessageCommand)).toEqual([]);
  });

  test('with --dry-run tells how many wait', async () => {
    await using world = await setup();
    queues('a', 'b');
    const { out } = await world.sluice(['events', 'redrive', '--dry-run', '--stack', 'sluice-prod'], {
      env: world.env,
    });
    expect(out).toBe('2 in sluice-prod-event-dead-letters. Nothing was sent.\n');
    expect(sqs.commandCalls(ReceiveMessageCommand)).toEqual([]);
  });
});
