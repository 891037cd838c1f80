import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/**
 * Headers that every answer has, whatever its content: the browser comes back only by HTTPS, and treats no
 * answer as another type than it names. API Gateway's own answers do not have them: an HTTP API cannot add
 * headers to those.
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
