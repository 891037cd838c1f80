// A process that reads one range of an object and has nothing else to do.
import { createS3Client } from '@sluice/connection/clients/s3';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { downloadStream } from '@sluice/connection/transfers/download';

const [endpoint] = process.argv.slice(2);
const client = createS3Client(
  resolveSettings({
    code: { endpoint, region: 'eu-central-1', accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
  }),
);
const { body } = await downloadStream({ client, bucket: 'b', key: 'k', thresholdBytes: 1, partBytes: 400 });
let bytes = 0;
for await (const chunk of body) bytes += chunk.length;
process.stdout.write(String(bytes));
