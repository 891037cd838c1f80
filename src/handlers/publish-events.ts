// The ledger's stream → here → the feed and the bus. What is sent again from the dead-letter queue comes by a
// queue.
import { setTimeout as delay } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { parseDeadChange } from '../lib/aws/dead-changes.ts';
import { type BroughtRecord, type StreamRecord, toBrought } from '../lib/aws/stream-record.ts';
import { entryPoint } from '../lib/entry.ts';
import { type PublishDeps, publish } from '../lib/event/publish.ts';
import { logger } from '../lib/log/logger.ts';
import { metrics } from '../lib/log/metrics.ts';
import { reportBuried, reportPublished, reportPublishFailure } from '../lib/log/report-events.ts';
import type { Ledger } from '../lib/upload/ports.ts';
import '../policies.ts'; // the deployment's own types, by whose extensions files are served
import { buryChange, eventBus, eventFeed, eventSource } from '../lib/wiring/events.ts';
import { ledger } from '../lib/wiring/ledger.ts';

type Deps = Omit<PublishDeps<BroughtRecord>, 'remainingMs' | 'report'> & {
  readonly ledger: Pick<Ledger, 'read'>;
};

type Message = { readonly eventSource: 'aws:sqs'; readonly messageId: string; readonly body: string };
type Event = {
  readonly Records: readonly (Message | (StreamRecord & { readonly eventSource: 'aws:dynamodb' }))[];
};
type Result = { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] };

export function createHandler(deps: Deps) {
  return middy<Event, Result, Error, Context>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler(async ({ Records }, context) => {
      const around = {
        remainingMs: () => context.getRemainingTimeInMillis(),
        report: {
          published: (event) => reportPublished(event, deps.now()),
          buried: reportBuried,
          failed: reportPublishFailure,
        },
      } satisfies Partial<PublishDeps>;
      const messages = Records.flatMap((record) => (record.eventSource === 'aws:sqs' ? [record] : []));
      const records = Records.flatMap((record) => (record.eventSource === 'aws:sqs' ? [] : [record]));
      const failures =
        messages.length > 0
          ? await publishAgain({ ...deps, ...around }, messages)
          : await publishNew({ ...deps, ...around }, records);
      metrics.publishStoredMetrics();
      return { batchItemFailures: failures.map((itemIdentifier) => ({ itemIdentifier })) };
    });
}

type FullDeps = PublishDeps<BroughtRecord> & Pick<Deps, 'ledger'>;

/** Of a stream, only the first that failed counts: from there on, Lambda brings everything again. */
async function publishNew(deps: FullDeps, records: readonly StreamRecord[]): Promise<readonly string[]> {
  const failed = await publish(
    deps,
    records.map((record) => toBrought(record, deps.ledger)),
  );
  return failed.slice(0, 1).map(({ sequence }) => sequence);
}

/** What fails again goes back to the dead-letter queue, by the queue's own count of tries. */
async function publishAgain(deps: FullDeps, messages: readonly Message[]): Promise<readonly string[]> {
  const bury: FullDeps['bury'] = async (_brought, why) => {
    throw new Error(`cannot be published: ${why}`);
  };
  const failures: string[] = [];
  for (const { messageId, body } of messages) {
    const record = parseDeadChange(body);
    const failed =
      record === undefined || (await publish({ ...deps, bury }, [toBrought(record, deps.ledger)])).length > 0;
    if (failed) failures.push(messageId);
  }
  return failures;
}

export const handler = entryPoint(createHandler, {
  feed: eventFeed,
  bus: eventBus,
  bury: buryChange,
  ledger,
  source: eventSource,
  now: () => Date.now,
  random: () => Math.random,
  sleep: () => (ms: number) => delay(ms),
});
