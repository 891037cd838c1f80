import { type GuardDutyClient, SendObjectMalwareScanCommand } from '@aws-sdk/client-guardduty';
import { type AskGuardDuty, ScannerRefused } from '../scan/ask.ts';
import { isPassing } from './passing.ts';

/**
 * Has GuardDuty scan one version of an object, on demand, whatever prefix its plan watches
 * (https://docs.aws.amazon.com/guardduty/latest/APIReference/API_SendObjectMalwareScan.html).
 */
export function createAskGuardDuty(client: GuardDutyClient): AskGuardDuty {
  return async ({ bucket, key, versionId }) => {
    try {
      await client.send(
        new SendObjectMalwareScanCommand({
          S3Object: { Bucket: bucket, Key: key, ...(versionId !== undefined && { VersionId: versionId }) },
        }),
      );
    } catch (error) {
      if (isPassing(error)) throw error;
      const name = error instanceof Error ? error.name : 'an unknown error';
      throw new ScannerRefused(`GuardDuty did not take the request (${name})`, { cause: error });
    }
  };
}
