import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/**
 * Middleware of the functions that sign for callers: has the keys of the buckets at hand before anything is
 * signed, so that signing itself waits for nothing.
 */
export function keysAtHand<Event extends APIGatewayProxyEventV2>(
  ready: () => Promise<void>,
): MiddlewareObj<Event, APIGatewayProxyStructuredResultV2> {
  return { before: () => ready() };
}
