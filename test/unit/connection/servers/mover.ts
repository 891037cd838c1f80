// A process that moves one large object one way and tells the most memory it ever had, in MiB.
import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createS3Client } from '@sluice/connection/clients/s3';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { downloadFile, downloadStream } from '@sluice/connection/transfers/download';
import { uploadFile, uploadStream } from '@sluice/connection/transfers/upload';

const [way, endpoint, path = ''] = process.argv.slice(2);
const client = createS3Client(
  resolveSettings({
    code: { endpoint, region: 'eu-central-1', accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
  }),
);
const request = { client, bucket: 'b', key: 'k' };

if (way === 'upload-file') await uploadFile({ ...request, path });
if (way === 'upload-stream') {
  await using file = await open(path);
  await uploadStream({ ...request, stream: file.createReadStream({ autoClose: false }) });
}
if (way === 'download-file') await downloadFile({ ...request, path });
if (way === 'download-stream') {
  const { body } = await downloadStream(request);
  let chunks = 0;
  // Slower than it comes.
  for await (const _chunk of body) if (++chunks % 32 === 0) await delay(20);
}
client.destroy();
process.stdout.write(String(Math.round(process.resourceUsage().maxRSS / 1024)));
