import type { Logger } from '@aws-lambda-powertools/logger';
import type { MiddlewareObj } from '@middy/core';
import { classify } from '@sluice/connection/classify';
import type { QuotaLimits } from '@sluice/contract/quota';
import { Refusal } from '@sluice/contract/refusals';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { tally } from '../log/tally.ts';

/** What went wrong, as in the refusal table. Every value is fit to show. */
export type Problem = {
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly title: string;
  readonly detail: string;
  readonly field?: string | undefined;
  readonly state?: string | undefined;
  readonly reason?: string | undefined;
  readonly left?: QuotaLimits | undefined;
};

/** The form of problems that a route's callers expect: a content type and a body. */
export type ProblemForm = {
  readonly contentType: string;
  readonly toBody: (problem: Problem, requestId: string) => unknown;
};

/** RFC 9457. */
const PROBLEM_JSON: ProblemForm = {
  contentType: 'application/problem+json',
  toBody: toProblemJson,
};

/**
 * Middleware of every HTTP function: a refusal becomes its problem, a passing failure of AWS a 503 that may
 * be retried, and any other fault a 500 that contains only the id by which to look it up. Logs each, once.
 */
export function problemResponse(
  logger: Logger,
  form: ProblemForm = PROBLEM_JSON,
): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  return {
    onError: (request) => {
      const { requestContext, routeKey, pathParameters } = request.event;
      // Assigned, not returned: a returned value would stop the outer middleware from cleaning up.
      const at = OF_UPLOAD.test(routeKey) ? { uploadId: pathParameters?.id } : {};
      const reported = reportProblem(logger, request.error, at);
      request.response = toResponse(form, reported, requestContext.requestId);
    },
  };
}

// Routes whose `id` is an upload's.
const OF_UPLOAD = /\/(?:uploads|files)\/\{id\}/;

type At = { readonly position?: number; readonly uploadId?: string | undefined };

/** A problem, and when to try again. */
type Reported = { readonly problem: Problem; readonly retryAfterSeconds?: number | undefined };

/**
 * What an error is to the caller: a refusal, a passing failure of AWS, or a fault, of which nothing is shown.
 * Logs it.
 * @param at what the log says beside that: which entry of a list the error is of, or which upload
 */
export function reportProblem(logger: Logger, error: unknown, at: At = {}): Reported {
  const refusal = toRefusal(error);
  if (refusal === undefined) {
    logger.error('request failed', { ...at, error: error as Error });
    return { problem: FAULT };
  }
  const { code, extras } = refusal;
  tally('Refusals', 1, { code });
  if (refusal.status >= 500) logger.warn('request refused', { ...at, code, error: error as Error });
  else logger.info('request refused', { ...at, code, field: extras.field });
  return { problem: toProblem(refusal), retryAfterSeconds: extras.retryAfterSeconds };
}

/** A problem as RFC 9457 has it, in the words of every route but Uppy's. */
export function toProblemJson(problem: Problem, requestId: string) {
  return { type: `urn:sluice:problem:${problem.code}`, ...problem, requestId };
}

function toRefusal(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  return classify(error).retryable ? new Refusal('too_busy', { retryAfterSeconds: 1 }) : undefined;
}

function toProblem({ code, status, retryable, title, message, extras }: Refusal): Problem {
  const { field, state, reason, left } = extras;
  return { code, status, retryable, title, detail: message, field, state, reason, left };
}

const FAULT: Problem = {
  code: 'internal',
  status: 500,
  retryable: true,
  title: 'Something went wrong on our side.',
  detail: 'Something went wrong on our side. The request id names it in the logs.',
};

function toResponse(
  form: ProblemForm,
  { problem, retryAfterSeconds }: Reported,
  requestId: string,
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: problem.status,
    headers: {
      'content-type': form.contentType,
      'cache-control': 'no-store',
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
      ...(problem.status === 401 && { 'www-authenticate': 'Bearer error="invalid_token"' }), // RFC 6750
    },
    body: JSON.stringify(form.toBody(problem, requestId)),
  };
}
