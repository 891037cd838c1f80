// Invoke → here: one page of what an operator asks for by `sluice admin`. Who may is for IAM to say.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { AdminCall, AdminPage, AdminRefusal, ReportPart, ShownUpload } from '@sluice/contract/admin';
import type { Context } from 'aws-lambda';
import { type AdminDeps, administer } from '../lib/admin/administer.ts';
import { adoptTasks, type BatchAnswer, isBatchEvent } from '../lib/admin/batch-operations.ts';
import { parseCall } from '../lib/admin/parse-call.ts';
import { BadCall } from '../lib/admin/walk.ts';
import { entryPoint } from '../lib/entry.ts';
import { createDeadline } from '../lib/intake/deadline.ts';
import { tell } from '../lib/log/deeds.ts';
import { logger } from '../lib/log/logger.ts';
import { toWho } from '../lib/log/who.ts';
import {
  adminGrants,
  adminLedger,
  adoptionSource,
  bucketWalk,
  countIn,
  deadLetters,
  placeOf,
  retention,
} from '../lib/wiring/admin.ts';
import { announce } from '../lib/wiring/arrivals.ts';
import { blocks } from '../lib/wiring/grants.ts';
import { expiryGraceInSeconds, ledger, rowRetentionInSeconds } from '../lib/wiring/ledger.ts';
import { counters, ownerLimits, quotaSettings } from '../lib/wiring/limits.ts';
import { scanners } from '../lib/wiring/scans.ts';
import {
  downloadSigner,
  forgetCopies,
  incomingBucket,
  multipart,
  objectsIn,
  ready,
  storeBucket,
} from '../lib/wiring/stores.ts';
import { policies } from '../policies.ts';

// A page ends after so long, so that the person at the terminal sees it grow, and never this close to the
// deadline.
const PAGE_MS = 15_000;
const RESERVE_MS = 20_000;
// A large copy is left here for the next call.
const END_MS = 5_000;
// DynamoDB's indexes are within a second of the table, usually far less.
const INDEX_LAG_MS = 2_000;

type Answer = AdminPage | ShownUpload | AdminRefusal | BatchAnswer;

export function createHandler(deps: AdminDeps) {
  return middy<unknown, Answer, Error, Context>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler(async (payload, context) => {
      const began = deps.now();
      const hasTime = () => deps.now() - began < PAGE_MS && context.getRemainingTimeInMillis() > RESERVE_MS;
      using deadline = createDeadline(Math.max(0, context.getRemainingTimeInMillis() - END_MS));
      try {
        if (isBatchEvent(payload)) {
          const answer = await adoptTasks({ ...deps, signal: () => deadline.signal }, payload);
          logger.info('admin batch adopted', { jobId: payload.job.id, results: answer.results });
          return answer;
        }
        const call = parseCall(payload);
        tellTrail(call, context.awsRequestId);
        const answer = await administer(deps, call, { hasTime, signal: () => deadline.signal });
        logger.info('admin command', {
          ...toAudit(call),
          ...('counts' in answer && { counts: answer.counts }),
        });
        return answer;
      } catch (error) {
        logger.warn('admin command failed', { error: error as Error });
        if (!(error instanceof BadCall)) throw error;
        return { error: { code: 'call_invalid', message: error.message } };
      }
    });
}

/** For the audit trail, whatever comes of it: the log's own line has names, and comes when it is done. */
function tellTrail(call: AdminCall, requestId: string): void {
  const { command, operator, dryRun } = call;
  const { tenant, subject } = 'tenant' in call ? call : {};
  tell(
    'admin command',
    { caller: 'operator', requestContext: { requestId } },
    {
      command: dryRun ? `${command} --dry-run` : command,
      operator,
      uploadId: 'id' in call ? call.id : undefined,
      owner: tenant !== undefined && subject !== undefined ? toWho({ tenant, subject }) : undefined,
    },
  );
}

/** What was asked, and by whom as they say. Long lists are cut: they are in the operator's own history. */
function toAudit({ schema: _schema, cursor, ...call }: AdminCall) {
  return {
    ...call,
    ...('ids' in call && call.ids && { ids: call.ids.slice(0, 10), idCount: call.ids.length }),
    ...('report' in call && call.report && { report: toPart(call.report) }),
    isFirstPage: cursor === undefined,
  };
}

function toPart(part: ReportPart) {
  if (part.kind === 'objects') return { ...part, objects: part.objects.length };
  return part.kind === 'files' ? { ...part, ids: part.ids.length } : part;
}

export const handler = entryPoint(createHandler, {
  ledger,
  objects: objectsIn('incoming', 'store', 'quarantine'),
  buckets: bucketWalk,
  placeOf,
  deadLetters,
  announce,
  table: adminLedger,
  grantTable: adminGrants,
  blockList: blocks,
  blocks,
  source: adoptionSource,
  counters,
  limits: ownerLimits,
  settings: quotaSettings,
  countIn,
  policies: () => policies,
  settle: () => () => delay(INDEX_LAG_MS),
  incomingBucket,
  storeBucket,
  scanners,
  multipart,
  forgetCopies,
  ready,
  sign: downloadSigner,
  expiryGraceInSeconds,
  rowRetentionInSeconds,
  retention,
  newId: () => randomUUID,
  now: () => Date.now,
});
