// One process of `bench/transfer.ts`: uploads a file or downloads an object through the layer.
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { downloadFile } from '@sluice/connection/transfers/download';
import { uploadFile } from '@sluice/connection/transfers/upload';
import { createBenchClient } from './client.ts';

const [way, endpoint = '', bucket = '', path = '', sockets = 'own'] = process.argv.slice(2);
const request = { client: createBenchClient(endpoint), bucket, key: 'object', path };

// Bundled as functions are, that is as CommonJS, which has no await at the top.
async function main(): Promise<void> {
  // Not timed, as loading is not: what the first call of a process costs.
  await request.client.send(new HeadBucketCommand({ Bucket: bucket }));
  const start = process.hrtime.bigint();
  const cpuStart = process.cpuUsage();
  if (way === 'up') await uploadFile(request);
  else await downloadFile({ ...request, ownSockets: sockets === 'own' });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const { user, system } = process.cpuUsage(cpuStart);
  const cpuSeconds = (user + system) / 1e6;
  const peakRssMiB = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(JSON.stringify({ seconds, cpuSeconds, peakRssMiB }), () => process.exit());
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
