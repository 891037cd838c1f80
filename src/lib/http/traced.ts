import { readOptional } from '../settings.ts';

const TRACE_HEADER = 'x-amzn-trace-id';

/**
 * The headers of a PUT, with that of the trace that this call is recorded in, if it is recorded: S3 hands it
 * on with its event, so that the verification is found from the request. It is not signed, and may be left
 * out.
 * @param trace what Lambda says of this call
 */
export function withTrace(
  headers: Readonly<Record<string, string>>,
  trace: string | undefined = readOptional('_X_AMZN_TRACE_ID'),
): Readonly<Record<string, string>> {
  return trace?.includes('Sampled=1') ? { ...headers, [TRACE_HEADER]: trace } : headers;
}
