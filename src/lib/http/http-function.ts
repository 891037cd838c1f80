import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyEventV2WithJWTAuthorizer,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import { logger } from '../log/logger.ts';
import { boundedBody } from './bounded-body.ts';
import { everyAnswer } from './every-answer.ts';
import { type ProblemForm, problemResponse } from './problem.ts';

/**
 * The stack that every HTTP function shares: headers of every answer, a logger that knows the request,
 * refusals as problems, and a limit for the body.
 * @param form the form of problems; RFC 9457 if absent
 */
export function httpFunction<Event extends APIGatewayProxyEventV2 = APIGatewayProxyEventV2WithJWTAuthorizer>(
  form?: ProblemForm,
) {
  return middy<Event, APIGatewayProxyStructuredResultV2>()
    .use(everyAnswer()) // outermost: last to see an answer or an error
    .use(injectLambdaContext(logger, { resetKeys: true, correlationIdPath: 'requestContext.requestId' }))
    .use(problemResponse(logger, form))
    .use(boundedBody());
}
