import { SCANNERS, type Scanner } from '@sluice/contract/scan';
import { createReportScan, createSendScanRequests, type ScannerQueues } from '../aws/scan-queues.ts';
import type { Environment } from '../settings.ts';
import type { Scanners } from '../upload/ports.ts';
import { sqs } from './clients.ts';
import { incomingBucket } from './stores.ts';

/** The queues of the scanners that the deployment has, by variables that are empty for the others. */
function scannerQueues(environment: Environment): ScannerQueues {
  return Object.fromEntries(
    SCANNERS.flatMap((scanner) => {
      const url = environment.optional(`${scanner.toUpperCase()}_QUEUE_URL`);
      return url === undefined ? [] : [[scanner, url] as const];
    }),
  );
}

/** The scanners that the deployment has. */
export function configuredScanners(environment: Environment): ReadonlySet<Scanner> {
  const queues = scannerQueues(environment);
  return new Set(SCANNERS.filter((scanner) => queues[scanner] !== undefined));
}

/** Asks scanners. */
export function sendScanRequests(environment: Environment) {
  return createSendScanRequests(environment.once(sqs), scannerQueues(environment));
}

/** The scanners, for those who judge what arrives. */
export function scanners(environment: Environment): Scanners {
  const send = sendScanRequests(environment);
  return {
    configured: configuredScanners(environment),
    ask: (requests, delaySeconds) => send(requests, delaySeconds),
    bucket: incomingBucket(environment),
  };
}

/** Hands in what a scanner says. */
export function reportScan(environment: Environment) {
  return createReportScan(environment.once(sqs), environment.text('SCAN_RESULTS_QUEUE_URL'));
}
