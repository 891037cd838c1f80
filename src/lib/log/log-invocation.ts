import type { MiddlewareObj } from '@middy/core';
import { logger } from './logger.ts';

/**
 * Middleware of every function: each line that it logs says of which invocation it is.
 * @param correlationIdOf what else the lines of one event are found by
 */
export function logInvocation<Event>(correlationIdOf?: (event: Event) => string): MiddlewareObj<Event> {
  return {
    before: ({ event, context }) => logger.begin(context, correlationIdOf?.(event)),
  };
}
