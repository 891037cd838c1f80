// A process that the freeze test stops and continues: ten calls at once for each line on stdin, one line of
// JSON back.
import { createInterface } from 'node:readline';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { createS3Client } from '@sluice/connection/clients/s3';
import { readSockets } from '@sluice/connection/clients/wire';
import { resolveSettings } from '@sluice/connection/settings/resolve';

const [endpoint] = process.argv.slice(2);
const client = createS3Client(
  resolveSettings({
    code: { endpoint, region: 'eu-central-1', accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
  }),
);
function put() {
  return client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'key', Body: 'bytes' }));
}

for await (const _line of createInterface({ input: process.stdin })) {
  const results = await Promise.allSettled(Array.from({ length: 10 }, put));
  const attempts = results.map((one) =>
    one.status === 'fulfilled' ? one.value.$metadata.attempts : 'failed',
  );
  process.stdout.write(`${JSON.stringify({ attempts, opened: readSockets(client).opened })}\n`);
}
