import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { json } from '../http/json.ts';
import type { ProblemForm } from '../http/problem.ts';
import { toCompanionBody, type Whereabouts } from './answer.ts';
import type { UppyAnswer } from './serve.ts';
import { toS3Body } from './xml.ts';

/**
 * An answer in Companion's JSON, or in S3's XML if the caller asks for that. Always 200: a 204 breaks version
 * 5.
 */
export function uppyResponse(
  { headers }: Pick<APIGatewayProxyEventV2, 'headers'>,
  answer: UppyAnswer,
  whereabouts: Whereabouts,
): APIGatewayProxyStructuredResultV2 {
  const body = headers.accept?.includes('application/xml') ? toS3Body(answer, whereabouts) : undefined;
  if (body === undefined) return json(200, toCompanionBody(answer, whereabouts));
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/xml', 'cache-control': 'no-store' },
    body,
  };
}

/**
 * A problem in Companion's form. Version 5 shows `message` to the user; version 6 shows only the HTTP status.
 */
export const COMPANION_PROBLEM: ProblemForm = {
  contentType: 'application/json',
  toBody: (problem, requestId) => ({
    error: problem.detail,
    message: problem.detail,
    ...problem,
    requestId,
  }),
};
