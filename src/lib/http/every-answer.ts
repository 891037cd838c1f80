import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/**
 * What each answer tells a browser, whatever it holds: to come back by HTTPS only, and to take no answer for another
 * type than it says. What API Gateway answers by itself does not have them: an HTTP API cannot add headers to that.
 */
const HEADERS = {
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
} as const;

/** An answer with the headers that each must have. */
export function withEveryHeader(
  answer: APIGatewayProxyStructuredResultV2,
): APIGatewayProxyStructuredResultV2 {
  return { ...answer, headers: { ...answer.headers, ...HEADERS } };
}

/** Middleware of every HTTP function, the outermost: answers, refusals and faults alike get those headers. */
export function everyAnswer(): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  const complete = (request: { response: APIGatewayProxyStructuredResultV2 | null | undefined }): void => {
    if (request.response) request.response = withEveryHeader(request.response);
  };
  return { after: complete, onError: complete };
}
