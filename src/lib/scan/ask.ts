import type { ScannedObject, ScanRequest, ScanResult } from '@sluice/contract/scan';
import {
  ADDRESS_SECONDS,
  ANSWER_SECONDS,
  type FunctionCall,
  parseFunctionAnswer,
  toFunctionCall,
} from './function-call.ts';
import type { Judgement } from './judgement.ts';

/**
 * A scanner does not take the request, and would not take it a moment later: it is not allowed to, or the
 * object is not there. Whoever asked is told that the scan failed. Every other error is a fault: the message
 * comes again.
 */
export class ScannerRefused extends Error {
  override readonly name = 'ScannerRefused';
  /** @param why fit to show: no bucket, key or URL */
  constructor(why: string, options?: ErrorOptions) {
    super(why, options);
  }
}

/** Has GuardDuty scan one object. Its answer comes by EventBridge. @throws ScannerRefused */
export type AskGuardDuty = (object: Pick<ScannedObject, 'bucket' | 'key' | 'versionId'>) => Promise<void>;

/** Calls the team's function, and returns what it answers. @throws ScannerRefused */
export type CallFunction = (call: FunctionCall, signal: AbortSignal) => Promise<string>;

/** Signs a GET of one version of an object. */
export type SignScan = (
  object: Pick<ScannedObject, 'bucket' | 'key' | 'versionId'>,
  expiresInSeconds: number,
  signedAt: Date,
) => Promise<{ readonly url: string; readonly expiresAt: Date }>;

export type AskDeps = {
  readonly askGuardDuty: AskGuardDuty;
  /** undefined where the deployment has none */
  readonly callFunction: CallFunction | undefined;
  readonly sign: SignScan;
  readonly now: () => number;
  /** aborts when the function's time to answer is over */
  readonly timeout: (seconds: number) => AbortSignal;
};

/**
 * Asks GuardDuty or the team's function about one object. Returns the result, or undefined where it will come
 * another way.
 */
export async function askScanner(deps: AskDeps, request: ScanRequest): Promise<ScanResult | undefined> {
  const { uploadId, bucket, key, versionId, etag, scanner, attempt } = request;
  const object = { bucket, key, ...(versionId !== undefined && { versionId }) };
  const toResult = (judgement: Judgement): ScanResult => ({
    schema: 1,
    scanner,
    uploadId,
    ...object,
    etag,
    attempt,
    ...judgement,
  });
  try {
    if (scanner === 'guardduty') {
      await deps.askGuardDuty(object);
      return undefined;
    }
    if (scanner === 'function') return toResult(await askFunction(deps, request));
    throw new ScannerRefused(`The scanner ${scanner} is not asked this way`);
  } catch (error) {
    if (!(error instanceof ScannerRefused)) throw error;
    return toResult({ outcome: 'failed', detail: error.message });
  }
}

async function askFunction(deps: AskDeps, request: ScanRequest): Promise<Judgement> {
  const { callFunction, sign, now, timeout } = deps;
  if (callFunction === undefined) throw new ScannerRefused('No scannerFunction is configured');
  const address = await sign(request, ADDRESS_SECONDS, new Date(now()));
  const signal = timeout(ANSWER_SECONDS);
  try {
    return parseFunctionAnswer(await callFunction(toFunctionCall(request, address), signal));
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new ScannerRefused(`The scanner function did not answer within ${ANSWER_SECONDS} seconds`, {
      cause: error,
    });
  }
}
