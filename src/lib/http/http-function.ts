import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyEventV2WithJWTAuthorizer,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import { logger } from '../logger.ts';
import { problemResponse } from './problem.ts';

/** The stack that every HTTP function shares: a logger that knows the request, and refusals as problems. */
export const httpFunction = <
  Event extends APIGatewayProxyEventV2 = APIGatewayProxyEventV2WithJWTAuthorizer,
>() =>
  middy<Event, APIGatewayProxyStructuredResultV2>()
    .use(
      injectLambdaContext(logger, { resetKeys: true, correlationIdPath: 'requestContext.requestId' }), // outermost: last to see an error
    )
    .use(problemResponse(logger));
