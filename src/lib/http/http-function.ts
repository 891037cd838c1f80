import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { logger } from '../log/logger.ts';
import { ofCaller } from '../log/who.ts';
import { boundedBody } from './bounded-body.ts';
import { type CallerEvent, knownCaller, type Takes } from './caller.ts';
import { everyAnswer } from './every-answer.ts';
import { type ProblemForm, problemResponse } from './problem.ts';

/**
 * The stack of a function whose routes all have the authorizer: what openFunction has, and a caller. Nothing
 * of the function runs for anybody else than it takes.
 * @param takes who may use the routes; the handler finds the caller in its event
 */
export function httpFunction<const T extends Takes>(takes: T, now: () => number = Date.now) {
  return openFunction<CallerEvent<T>>().use(
    knownCaller(takes, now, (caller) => logger.appendKeys(ofCaller(caller))),
  );
}

/**
 * The stack that every HTTP function shares: headers of every answer, a logger that knows the request,
 * refusals as problems, and a limit for the body. By itself it is for routes that anybody may call, or whose
 * callers prove themselves by something else than the authorizer's token.
 * @param form the form of problems; RFC 9457 if absent
 */
export function openFunction<Event extends APIGatewayProxyEventV2 = APIGatewayProxyEventV2>(
  form?: ProblemForm,
) {
  return middy<Event, APIGatewayProxyStructuredResultV2>()
    .use(everyAnswer()) // outermost: last to see an answer or an error
    .use(injectLambdaContext(logger, { resetKeys: true, correlationIdPath: 'requestContext.requestId' }))
    .use(problemResponse(logger, form))
    .use(boundedBody());
}
