import type { Caller } from '@sluice/contract/caller';
import { readOptional } from '../settings.ts';
import { logger } from './logger.ts';
import { redact } from './redact.ts';
import { ofCaller } from './who.ts';

/**
 * What somebody did that the audit trail keeps, by the message of its line. A change is told with and without
 * a trail; a read only with one, since it would cost a line each.
 */
export const DEEDS = {
  'upload requested': 'change',
  'upload completed': 'change',
  'upload ended': 'change',
  'readers set': 'change',
  'grant made': 'change',
  'grant revoked': 'change',
  'webhooks managed': 'change',
  'download granted': 'read',
  'file opened': 'read',
  'admin command': 'read', // its log has a line of its own
} as const;

export type Deed = keyof typeof DEEDS;

/** Who did it: nobody that is known where there is no caller. */
export type By = {
  readonly caller?: Caller | 'operator' | undefined;
  readonly requestContext: { readonly requestId: string };
};

/** What a record may say of a deed: ids, digests and words; never a token, a URL, or somebody's name. */
export const RECORD_FIELDS = [
  'uploadId',
  'owner',
  'policy',
  'size',
  'state',
  'readers',
  'grantId',
  'route',
  'endpointId',
  'position',
  'command',
  'operator',
] as const;

export type Fields = Readonly<Partial<Record<(typeof RECORD_FIELDS)[number], string | number | undefined>>>;

type TellDeps = {
  readonly isKept: boolean;
  readonly now: () => number;
  readonly write: (line: string) => void;
  readonly functionName: string;
};

/**
 * Tells what somebody did. With an audit trail the line is its record, too: it is written whatever the level
 * of the log is, and CloudWatch Logs hands it on by its mark (infra/audit.yml), so that no request waits.
 */
export function createTell({ isKept, now, write, functionName }: TellDeps) {
  return (deed: Deed, { caller, requestContext }: By, fields: Fields): void => {
    if (!isKept) {
      if (DEEDS[deed] === 'change') logger.info(deed, fields);
      return;
    }
    const record = {
      level: 'INFO',
      message: deed,
      timestamp: new Date(now()).toISOString(),
      audit: true,
      function_name: functionName,
      correlation_id: requestContext.requestId,
      ...(typeof caller === 'object' ? ofCaller(caller) : { caller: caller ?? 'anyone' }),
      ...fields,
    };
    write(JSON.stringify(record, redact));
  };
}

/**
 * Tells what somebody did: a line of the log, and a record of the audit trail where the deployment keeps one.
 */
export const tell = createTell({
  isKept: readOptional('AUDIT_RETENTION_DAYS') !== undefined,
  now: Date.now,
  write: (line) => process.stdout.write(`${line}\n`),
  functionName: readOptional('AWS_LAMBDA_FUNCTION_NAME') ?? 'none',
});
