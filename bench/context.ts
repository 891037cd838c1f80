import type { Context } from 'aws-lambda';

/** What Lambda hands to a function beside the event. */
export const context: Context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'sluice-dev-verify-arrivals',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:sluice-dev-verify-arrivals',
  memoryLimitInMB: '1024',
  awsRequestId: '8f507cfc-example-4697-b07a-ac58fc914c95',
  logGroupName: '/aws/lambda/sluice-dev-verify-arrivals',
  logStreamName: '2026/11/22/[$LATEST]0123456789abcdef',
  getRemainingTimeInMillis: () => 60_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
};
