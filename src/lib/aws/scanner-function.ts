import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { type CallFunction, ScannerRefused } from '../scan/ask.ts';
import { toFunctionError } from '../scan/function-call.ts';
import { isPassing } from './passing.ts';

/** Calls the team's function and waits for its answer. */
export function createCallFunction(client: LambdaClient, arn: string): CallFunction {
  return async (call, signal) => {
    const { FunctionError, Payload } = await client
      .send(new InvokeCommand({ FunctionName: arn, Payload: Buffer.from(JSON.stringify(call)) }), {
        abortSignal: signal,
      })
      .catch((error: unknown) => {
        if (signal.aborted || isPassing(error)) throw error;
        const name = error instanceof Error ? error.name : 'an unknown error';
        throw new ScannerRefused(`The scanner function could not be called (${name})`, { cause: error });
      });
    const answer = Buffer.from(Payload ?? []).toString('utf8');
    if (FunctionError !== undefined) throw new ScannerRefused(toFunctionError(answer));
    return answer;
  };
}
