import type { MiddlewareObj } from '@middy/core';
import { Refusal } from '@sluice/contract/refusals';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** More than any route takes; each has its own, lower limit on what it parses. */
export const MAX_REQUEST_BODY_BYTES = 1024 * 1024;

/**
 * Middleware of every HTTP function: a body that no route would take is refused before anything looks at it, on routes
 * that expect none as well. API Gateway itself takes up to 10 MB, and cannot be told to take less.
 * Refuses `body_too_large`.
 */
export function boundedBody(): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  return {
    before: ({ event: { body, headers, isBase64Encoded } }) => {
      // Of text there are at least as many bytes as characters; base64 has four characters for three bytes.
      const least = ((body?.length ?? 0) * (isBase64Encoded ? 3 : 4)) / 4 - 2;
      const declared = Number(headers?.['content-length'] ?? 0);
      if (least > MAX_REQUEST_BODY_BYTES || declared > MAX_REQUEST_BODY_BYTES)
        throw new Refusal('body_too_large');
    },
  };
}
