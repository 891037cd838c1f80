import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  type LambdaClient,
  ListEventSourceMappingsCommand,
} from '@aws-sdk/client-lambda';
import { CannotRestore } from './recover.ts';

/** Whether a function is given the changes of this stream. */
export async function isRead(lambda: LambdaClient, stream: string): Promise<boolean> {
  const { EventSourceMappings = [] } = await lambda.send(
    new ListEventSourceMappingsCommand({ EventSourceArn: stream }),
  );
  return EventSourceMappings.some(({ State }) => /^(Enabled|Enabling|Creating)$/.test(State ?? ''));
}

/**
 * Gives the changes of this stream to the function, or the alias, that was given those of the one before, in
 * the same way.
 * @param ids of all mappings of the stack
 */
export async function attachStream(
  lambda: LambdaClient,
  stream: string,
  ids: readonly string[],
): Promise<void> {
  for (const UUID of ids) {
    const before = await lambda.send(new GetEventSourceMappingCommand({ UUID }));
    if (!before.EventSourceArn?.includes(':dynamodb:')) continue;
    const { BatchSize, ParallelizationFactor, FunctionResponseTypes, BisectBatchOnFunctionError } = before;
    const { MaximumRetryAttempts, MaximumRecordAgeInSeconds, DestinationConfig, FilterCriteria } = before;
    await lambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName: before.FunctionArn,
        EventSourceArn: stream,
        StartingPosition: 'TRIM_HORIZON',
        BatchSize,
        ParallelizationFactor,
        FunctionResponseTypes,
        BisectBatchOnFunctionError,
        MaximumRetryAttempts,
        MaximumRecordAgeInSeconds,
        DestinationConfig,
        FilterCriteria,
      }),
    );
    await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
    return;
  }
  throw new CannotRestore(
    'No function was given a stream before: deploy the stage, which makes the mapping.',
  );
}
