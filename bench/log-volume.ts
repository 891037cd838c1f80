// What is written into the logs for uploads, on the deployed local stack: each file is requested, sent,
// looked at twice, and its address asked for once; a webhook hears of it. CloudWatch counts 26 bytes more for
// each line.
import { setTimeout as pause } from 'node:timers/promises';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { readService } from '../local/users.ts';
import { rootOf } from '../test/contract/root.ts';
import { startReceiver } from '../test/e2e/receiver.ts';
import { startOwn } from '../test/setup/local-stack.ts';

const FILES = Number(process.env.FILES ?? 200);
const AT_ONCE = 4;
const LINE_BYTES = 26;
const CSV = new TextEncoder().encode('name,size\nphoto,3\n');

type Sum = { lines: number; bytes: number };

const { stack, stop } = await startOwn(`bench-${process.pid}`);
try {
  const authorization = `Bearer ${stack.alice.idToken}`;
  const [, claims = ''] = stack.alice.idToken.split('.');
  const { sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string };
  const call = async (path: string, body?: object) => {
    const answer = await fetch(`${stack.apiUrl}${path}`, {
      headers: { authorization, accept: 'application/json', 'content-type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path} was answered by ${answer.status}`);
    return answer.json();
  };
  const { tokenUrl, clientId, clientSecret } = await readService(stack);
  const granted = await fetch(tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = (await granted.json()) as { access_token: string };
  const receiver = await startReceiver((_request, response) => response.writeHead(204).end());
  await fetch(`${stack.apiUrl}/webhooks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: receiver.url }),
  });

  const upload = async () => {
    const { id, put } = await call('/uploads', {
      filename: 'rows.csv',
      contentType: 'text/csv',
      size: CSV.length,
    });
    const { 'content-length': _, ...headers } = put.headers;
    await fetch(put.url, { method: 'PUT', headers, body: CSV });
    while ((await call(`/uploads/${id}`)).state !== 'accepted') await pause(500);
    await call(`/uploads/${id}`);
    await call(`/uploads/${id}/download`);
  };
  const began = Date.now();
  let left = FILES;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left > 0) {
        left -= 1;
        await upload();
      }
    }),
  );
  await receiver.until(() => receiver.received.length >= FILES, 60_000);
  await pause(2_000);

  const client = new CloudWatchLogsClient(rootOf(stack));
  const prefix = `/aws/lambda/${stack.stackName}-`;
  const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: prefix }));
  const sums = new Map<string, Sum>();
  let named = 0;
  for (const { logGroupName = '' } of logGroups) {
    for await (const { events = [] } of paginateFilterLogEvents(
      { client },
      { logGroupName, startTime: began },
    )) {
      for (const { message = '' } of events) {
        // MiniStack writes them whatever systemLogLevel says.
        const kind = kindOf(message);
        if (kind === undefined) continue;
        if (message.includes(sub) || message.includes('eyJ')) named += 1;
        const name = `${logGroupName.slice(prefix.length)}: ${kind}`;
        const sum = sums.get(name) ?? { lines: 0, bytes: 0 };
        sum.lines += 1;
        sum.bytes += Buffer.byteLength(message.trimEnd()) + LINE_BYTES;
        sums.set(name, sum);
      }
    }
  }
  const total = { lines: 0, bytes: 0 };
  for (const [name, { lines, bytes }] of [...sums].toSorted(([, a], [, b]) => b.bytes - a.bytes)) {
    total.lines += lines;
    total.bytes += bytes;
    console.log(`${name.padEnd(64)} ${(lines / FILES).toFixed(2)} lines, ${(bytes / FILES).toFixed(0)} B`);
  }
  const perMillion = (total.bytes / FILES / 1024 ** 3) * 1e6;
  console.log(
    `\nEach upload: ${(total.lines / FILES).toFixed(1)} lines, ${(total.bytes / FILES).toFixed(0)} B.`,
  );
  console.log(`A million: ${perMillion.toFixed(2)} GiB. Lines with a name or a token in them: ${named}.`);
} finally {
  await stop();
}

/** What a line is; undefined of Lambda's own. */
function kindOf(message: string): string | undefined {
  if (!message.startsWith('{')) return undefined;
  const line = JSON.parse(message) as { audit?: true; message?: string; _aws?: object };
  if (line._aws !== undefined) return 'metrics';
  return line.audit ? `${line.message} (record)` : line.message;
}
