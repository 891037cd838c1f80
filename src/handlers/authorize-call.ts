// API Gateway asks here, for every route that is not open, who calls; it keeps the answer for five minutes.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type {
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerWithContextResult,
} from 'aws-lambda';
import { type AuthorizeDeps, authorize } from '../lib/caller/authorize.ts';
import type { CallContext } from '../lib/caller/context.ts';
import { entryPoint } from '../lib/entry.ts';
import { logger } from '../lib/log/logger.ts';
import { audiences, issuer, issuerKeys, tenantClaim } from '../lib/wiring/callers.ts';
import { readGrant } from '../lib/wiring/grants.ts';

export function createHandler(deps: Omit<AuthorizeDeps, 'onRefused'>) {
  return middy<APIGatewayRequestAuthorizerEventV2, APIGatewaySimpleAuthorizerWithContextResult<CallContext>>()
    .use(injectLambdaContext(logger, { resetKeys: true, correlationIdPath: 'requestContext.requestId' }))
    .use({ onError: ({ error }) => logger.error('call not authorized', { error: error as Error }) })
    .handler(async ({ identitySource }) => ({
      // Whoever is not good is told so by the function itself: API Gateway has no other no than 403.
      isAuthorized: true,
      context: await authorize(
        { ...deps, onRefused: (code, why) => logger.info('token refused', { code, why }) },
        identitySource[0] ?? '',
      ),
    }));
}

export const handler = entryPoint(createHandler, {
  issuer,
  audiences,
  tenantClaim,
  keys: issuerKeys,
  readGrant,
  now: () => Date.now,
});
