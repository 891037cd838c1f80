import { Logger } from '@aws-lambda-powertools/logger';
import { forgetVariable } from '../settings.ts';
import { redact } from './redact.ts';

// Lambda's own filter is set to let metrics and records of the audit trail through, which it takes for INFO.
// Powertools would log at that level, whatever LOG_LEVEL says.
forgetVariable('AWS_LAMBDA_LOG_LEVEL');

/**
 * The function's logger: one JSON line per event, without anything that could be used to act for somebody.
 */
export const logger = new Logger({
  jsonReplacerFn: redact,
  // Powertools' own search is a whole JMESPath interpreter; the paths that are asked for here are plain.
  correlationIdSearchFn: (path, event) =>
    path
      .split('.')
      .reduce<unknown>((node, name) => (node as Record<string, unknown> | undefined)?.[name], event),
});
