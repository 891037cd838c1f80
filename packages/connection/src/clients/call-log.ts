import type { HandlerExecutionContext } from '@smithy/types';
import { classify } from '../classify.ts';

/** All that is asked of a logger; Powertools' has it, and so has `console`. */
export type CallLogger = {
  readonly debug: (message: string, fields: CallRecord) => void;
};

/**
 * One call, attempts included, as it is logged. These fields and no others: URLs, headers and bodies carry
 * signatures, keys and file names, so none of them is ever handed to a logger.
 */
export type CallRecord = {
  readonly operation: string;
  readonly bucket: string | undefined;
  readonly status: number | undefined;
  readonly attempts: number | undefined;
  readonly ms: number;
  readonly requestId: string | undefined;
  /** Whether the last attempt found a warm socket; undefined when it never got an answer. */
  readonly socketReused: boolean | undefined;
  /** The code of the taxonomy when the call failed. */
  readonly error: string | undefined;
};

/** Runs one call and logs its end, good or bad. */
export async function logCall<Result extends { output: object }>(
  logger: CallLogger,
  context: HandlerExecutionContext,
  input: object,
  call: () => Promise<Result>,
): Promise<Result> {
  const startedAt = performance.now();
  const record = (metadata: Metadata, error?: string) =>
    logger.debug('aws call', {
      operation: String(context.commandName).replace(/Command$/, ''),
      bucket: 'Bucket' in input && typeof input.Bucket === 'string' ? input.Bucket : undefined,
      status: metadata.httpStatusCode,
      attempts: metadata.attempts,
      ms: Math.round(performance.now() - startedAt),
      requestId: metadata.requestId,
      socketReused: context.socketReused,
      error,
    });
  try {
    const result = await call();
    record(metadataOf(result.output));
    return result;
  } catch (thrown) {
    record(metadataOf(thrown), classify(thrown).code);
    throw thrown;
  }
}

type Metadata = {
  readonly httpStatusCode?: number;
  readonly attempts?: number;
  readonly requestId?: string;
};

function metadataOf(carrier: unknown): Metadata {
  const found =
    typeof carrier === 'object' && carrier !== null && '$metadata' in carrier ? carrier.$metadata : undefined;
  return found ?? {};
}
