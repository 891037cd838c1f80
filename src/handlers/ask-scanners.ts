// SQS → here: GuardDuty and the team's function are asked; what is known at once goes to the results' queue.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { entryPoint } from '../lib/entry.ts';
import { logger } from '../lib/log/logger.ts';
import { count, publishCounts } from '../lib/log/metrics.ts';
import { ofMessage, ofScan } from '../lib/log/of-message.ts';
import { type AskDeps, askScanner } from '../lib/scan/ask.ts';
import { parseScanRequest } from '../lib/scan/parse-request.ts';
import type { ReportScan } from '../lib/scan/ports.ts';
import { askGuardDuty, callFunction, signScan } from '../lib/wiring/asked-scanners.ts';
import { reportScan } from '../lib/wiring/scans.ts';

type Deps = AskDeps & { readonly report: ReportScan };

export function createHandler(deps: Deps) {
  return middy<SQSEvent, SQSBatchResponse, Error, Context>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler(async ({ Records }) => {
      const failed = await Promise.all(
        Records.map(async ({ messageId, body }) => {
          try {
            await ask(deps, body);
            return [];
          } catch (error) {
            logger.error('scanner not asked', { messageId, ...ofMessage(body), error: error as Error });
            count('ScannersNotAsked');
            return [{ itemIdentifier: messageId }];
          }
        }),
      );
      publishCounts();
      return { batchItemFailures: failed.flat() };
    });
}

async function ask(deps: Deps, body: string): Promise<void> {
  const request = parseScanRequest(body);
  const { scanner, attempt } = request;
  const result = await askScanner(deps, request);
  if (result !== undefined) await deps.report(result);
  const said = result && { outcome: result.outcome, ...(result.detail && { detail: result.detail }) };
  logger.info('scanner asked', { scanner, ...ofScan(request), attempt, ...said });
}

export const handler = entryPoint(createHandler, {
  askGuardDuty,
  callFunction,
  sign: signScan,
  report: reportScan,
  now: () => Date.now,
  timeout: () => (seconds) => AbortSignal.timeout(1000 * seconds),
});
