import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyEventV2WithJWTAuthorizer,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import { logger } from '../logger.ts';
import { type ProblemForm, problemResponse } from './problem.ts';

/**
 * The stack that every HTTP function shares: a logger that knows the request, and refusals as problems.
 * @param form how problems are told; RFC 9457 when absent
 */
export const httpFunction = <Event extends APIGatewayProxyEventV2 = APIGatewayProxyEventV2WithJWTAuthorizer>(
  form?: ProblemForm,
) =>
  middy<Event, APIGatewayProxyStructuredResultV2>()
    .use(
      injectLambdaContext(logger, { resetKeys: true, correlationIdPath: 'requestContext.requestId' }), // outermost: last to see an error
    )
    .use(problemResponse(logger, form));
