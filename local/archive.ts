import {
  CreateArchiveCommand,
  DescribeEventBusCommand,
  EventBridgeClient,
  ListArchivesCommand,
} from '@aws-sdk/client-eventbridge';
import { localCredentials, region } from './environment.ts';

/**
 * Makes the archive of the stack's event bus, which infra/events.yml describes for AWS: MiniStack's
 * CloudFormation refuses a template with one. Safe to run again.
 */
export async function createArchive(endpoint: string, stackName: string): Promise<void> {
  const eventBridge = new EventBridgeClient({ endpoint, region, credentials: localCredentials });
  try {
    const ArchiveName = `${stackName}-events`;
    const [{ Arn }, { Archives = [] }] = await Promise.all([
      eventBridge.send(new DescribeEventBusCommand({ Name: stackName })),
      eventBridge.send(new ListArchivesCommand({ NamePrefix: ArchiveName })),
    ]);
    if (Archives.length > 0) return;
    const EventPattern = JSON.stringify({ source: ['sluice'] });
    await eventBridge.send(new CreateArchiveCommand({ ArchiveName, EventSourceArn: Arn, EventPattern }));
  } finally {
    eventBridge.destroy();
  }
}
