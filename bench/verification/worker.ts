// Verifies one arrival in a process of its own, with the code and the clients that the deployed function has.
import { randomUUID } from 'node:crypto';
import { createDynamoDBClient } from '@sluice/connection/clients/dynamodb';
import { createS3Client } from '@sluice/connection/clients/s3';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { createLedger } from '../../src/lib/aws/ledger.ts';
import { createObjects } from '../../src/lib/aws/objects.ts';
import { environment, readSettings } from '../../src/lib/settings.ts';
import { verify } from '../../src/lib/upload/verify.ts';
import { policies } from '../../src/policies.ts';

const settings = readSettings('KEY', 'LEDGER_TABLE', 'INCOMING_BUCKET', 'STORE_BUCKET', 'QUARANTINE_BUCKET');
const connection = resolveSettings({ environment: environment() });
const deps = {
  ledger: createLedger(createDynamoDBClient(connection), settings.LEDGER_TABLE),
  objects: createObjects(createS3Client(connection), {
    incoming: settings.INCOMING_BUCKET,
    store: settings.STORE_BUCKET,
    quarantine: settings.QUARANTINE_BUCKET,
  }),
  policies,
  now: Date.now,
  newId: randomUUID,
  rowRetentionInSeconds: 86_400,
  announce: async () => {},
};

/** What bench/child.cjs calls and reports, with the most memory that the process ever held. */
export async function run(): Promise<number> {
  const outcome = await verify(deps, { key: settings.KEY }, 600_000, AbortSignal.timeout(600_000));
  return outcome.kind === 'accepted' ? 1 : 0;
}
