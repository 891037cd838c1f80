import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** A JSON answer. Never cached: it is about one caller's uploads. */
export function json(
  statusCode: number,
  body: unknown,
  headers: Record<string, string> = {},
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}
