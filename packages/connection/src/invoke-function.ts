import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { classify } from './classify.ts';

/** What came of a function's run. */
export type Invoked =
  | { readonly kind: 'answered'; readonly answer: unknown }
  /** it threw, ran out of time or memory, or could not start */
  | { readonly kind: 'failed'; readonly name: string; readonly message: string }
  /** there is no such function */
  | { readonly kind: 'unknown' };

/** Runs a function once and waits for its answer, as JSON. */
export async function invokeFunction(
  client: LambdaClient,
  name: string,
  payload: unknown,
  signal?: AbortSignal,
): Promise<Invoked> {
  try {
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(payload) }),
      signal ? { abortSignal: signal } : {},
    );
    const answer: unknown = JSON.parse(new TextDecoder().decode(Payload) || 'null');
    if (FunctionError === undefined) return { kind: 'answered', answer };
    const { errorType = FunctionError, errorMessage = '' } = Object(answer);
    return { kind: 'failed', name: String(errorType), message: String(errorMessage) };
  } catch (error) {
    if (Object(error).name === 'ResourceNotFoundException') return { kind: 'unknown' };
    throw classify(error);
  }
}
