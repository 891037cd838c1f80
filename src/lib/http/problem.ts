import type { Logger } from '@aws-lambda-powertools/logger';
import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { classify } from '../connection/classify.ts';
import { Refusal } from '../refusals.ts';

/**
 * Middleware of every HTTP function: a refusal becomes its problem (RFC 9457), a passing failure of AWS a 503 that
 * may be retried, and any other fault a 500 that tells the caller nothing but where to look it up.
 * Logs each, once.
 */
export const problemResponse = (
  logger: Logger,
): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> => ({
  onError: (request) => {
    const { requestId } = request.event.requestContext;
    const refusal = toRefusal(request.error);
    if (refusal === undefined) {
      logger.error('request failed', { error: request.error as Error });
    } else if (refusal.status >= 500) {
      logger.warn('request refused', { code: refusal.code, error: request.error as Error });
    } else {
      logger.info('request refused', { code: refusal.code, field: refusal.extras.field });
    }
    // Assigned, not returned: a returned value would keep the outer middleware from its own clean-up.
    request.response = refusal === undefined ? faultResponse(requestId) : refusalResponse(refusal, requestId);
  },
});

const toRefusal = (error: unknown): Refusal | undefined => {
  if (error instanceof Refusal) return error;
  return classify(error).retryable ? new Refusal('too_busy', { retryAfterSeconds: 1 }) : undefined;
};

const refusalResponse = (refusal: Refusal, requestId: string): APIGatewayProxyStructuredResultV2 => {
  const { code, status, retryable, title, message } = refusal;
  const { field, state, reason, retryAfterSeconds } = refusal.extras;
  const problem = { code, status, retryable, title, detail: message, field, state, reason };
  return toResponse(problem, requestId, retryAfterSeconds);
};

const faultResponse = (requestId: string): APIGatewayProxyStructuredResultV2 =>
  toResponse(
    {
      code: 'internal',
      status: 500,
      retryable: true,
      title: 'Something went wrong on our side.',
      detail: 'Something went wrong on our side. The request id names it in the logs.',
    },
    requestId,
  );

const toResponse = (
  problem: { readonly code: string; readonly status: number; readonly [member: string]: unknown },
  requestId: string,
  retryAfterSeconds?: number,
): APIGatewayProxyStructuredResultV2 => ({
  statusCode: problem.status,
  headers: {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
  },
  body: JSON.stringify({ type: `urn:sluice:problem:${problem.code}`, ...problem, requestId }),
});
