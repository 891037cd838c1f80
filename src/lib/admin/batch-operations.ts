import { type AdoptDeps, type Adoption, adoptOne } from './adopt.ts';
import { createTally } from './tally.ts';
import { BadCall } from './walk.ts';

/**
 * A task of S3 Batch Operations. The operator's arguments of the job are `policy`, `tenant` and `subject`.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html
 */
export type BatchEvent = {
  readonly invocationSchemaVersion: string;
  readonly invocationId: string;
  readonly job: { readonly id: string; readonly userArguments?: Readonly<Record<string, string>> };
  readonly tasks: readonly {
    readonly taskId: string;
    readonly s3Key: string;
    readonly s3Bucket?: string;
    readonly s3BucketArn?: string;
  }[];
};

export type BatchAnswer = {
  readonly invocationSchemaVersion: string;
  readonly treatMissingKeysAs: 'PermanentFailure';
  readonly invocationId: string;
  readonly results: readonly {
    readonly taskId: string;
    readonly resultCode: 'Succeeded' | 'TemporaryFailure' | 'PermanentFailure';
    readonly resultString: string;
  }[];
};

/** True for what S3 Batch Operations sends, and not an operator. */
export function isBatchEvent(payload: unknown): payload is BatchEvent {
  const { invocationSchemaVersion, invocationId, tasks, job } = Object(payload);
  return (
    typeof invocationSchemaVersion === 'string' &&
    typeof invocationId === 'string' &&
    Array.isArray(tasks) &&
    typeof job === 'object'
  );
}

// What comes right by itself when S3 asks again.
const PASSING: readonly string[] = ['failed', 'unfinished', 'changed'];

/** Adopts the objects of a job's tasks. What is refused is the task's own, and no failure of the job. */
export async function adoptTasks(deps: AdoptDeps, event: BatchEvent): Promise<BatchAnswer> {
  const { invocationId, job, tasks } = event;
  const { policy, tenant, subject } = job.userArguments ?? {};
  if (policy === undefined || tenant === undefined || subject === undefined) {
    throw new BadCall('the job needs the arguments policy, tenant and subject: schema version 2.0');
  }
  const results: BatchAnswer['results'][number][] = [];
  for (const { taskId, s3Key, s3Bucket, s3BucketArn = '' } of tasks) {
    const adoption: Adoption = {
      policy,
      tenant,
      subject,
      bucket: s3Bucket ?? s3BucketArn.replace(/^.*:::/, ''),
    };
    const tally = createTally();
    // Keys come as in a URL, with a plus for a space.
    const key = decodeURIComponent(s3Key.replaceAll('+', ' '));
    await adoptOne(deps, tally, adoption, key).catch((error: unknown) => {
      tally.note('failed', { id: key, detail: error instanceof Error ? error.name : 'Error' });
    });
    const [item = { outcome: 'failed', detail: '' }] = tally.page().items;
    const isDone = item.outcome === 'adopted' || item.outcome === 'adopted before';
    results.push({
      taskId,
      resultCode: isDone
        ? 'Succeeded'
        : PASSING.includes(item.outcome)
          ? 'TemporaryFailure'
          : 'PermanentFailure',
      resultString: `${item.outcome}: ${item.detail ?? ''}`.slice(0, 1_024),
    });
  }
  return {
    invocationSchemaVersion: event.invocationSchemaVersion,
    treatMissingKeysAs: 'PermanentFailure',
    invocationId,
    results,
  };
}
