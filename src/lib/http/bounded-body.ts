import type { MiddlewareObj } from '@middy/core';
import { Refusal } from '@sluice/contract/refusals';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** More than any route needs; each has its own, lower limit on what it parses. */
export const MAX_REQUEST_BODY_BYTES = 1024 * 1024;

/**
 * Middleware of every HTTP function: a body that is too large for every route is refused before anything
 * parses it, even on routes without a body. API Gateway itself accepts up to 10 MB, and has no setting for
 * less. Refuses `body_too_large`.
 */
export function boundedBody(): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  return {
    before: ({ event: { body, headers, isBase64Encoded } }) => {
      // Text has at least as many bytes as characters; base64 has four characters for three bytes.
      const least = ((body?.length ?? 0) * (isBase64Encoded ? 3 : 4)) / 4 - 2;
      const declared = Number(headers?.['content-length'] ?? 0);
      if (least > MAX_REQUEST_BODY_BYTES || declared > MAX_REQUEST_BODY_BYTES)
        throw new Refusal('body_too_large');
    },
  };
}
