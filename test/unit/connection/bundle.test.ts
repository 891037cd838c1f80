import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { serve } from './servers/server.ts';

const layer = new URL('../../../packages/connection/src/', import.meta.url).pathname;

/** Bundles a few lines as a function is bundled, and says what is in it. */
async function bundle(contents: string) {
  const { metafile } = await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    metafile: true,
    outfile: 'out.cjs',
  });
  const [output] = Object.values(metafile.outputs);
  return {
    bytes: output?.bytes ?? 0,
    packages: Object.keys(metafile.inputs).filter((path) => path.includes('node_modules')),
  };
}

describe('the bundle of a function', () => {
  test.each([
    ['s3', 'S3Client', 'createS3Client'],
    ['dynamodb', 'DynamoDBClient', 'createDynamoDBClient'],
    ['sqs', 'SQSClient', 'createSQSClient'],
    ['eventbridge', 'EventBridgeClient', 'createEventBridgeClient'],
  ])('grows by less than a tenth when its %s client comes from here', async (service, Client, factory) => {
    const bare = await bundle(
      `import { ${Client} } from '@aws-sdk/client-${service}'; console.log(new ${Client}({}));`,
    );
    const ours = await bundle(`
      import { ${factory} } from '${layer}clients/${service}.ts';
      import { resolveSettings } from '${layer}settings/resolve.ts';
      console.log(${factory}(resolveSettings({})));`);
    expect(ours.bytes / bare.bytes).toBeLessThan(1.1);
    expect(ours.bytes).toBeGreaterThan(bare.bytes);
  });

  test('holds nothing of the SDK when it only classifies errors', async () => {
    const { packages, bytes } = await bundle(
      `import { classify } from '${layer}classify.ts'; console.log(classify(1));`,
    );
    expect(packages).toEqual([]);
    expect(bytes).toBeLessThan(16_384);
  });
});

test('looks for no file in the home folder when the environment says everything, as it does in Lambda', async () => {
  await using server = await serve((_request, response) => response.setHeader('content-length', 0).end());
  const program = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const read = [];
    for (const [from, name] of [[fs.promises, 'readFile'], [fs, 'readFile'], [fs, 'readFileSync']]) {
      const original = from[name];
      from[name] = (path, ...rest) => { read.push(String(path)); return original.call(from, path, ...rest); };
    }
    syncBuiltinESMExports();
    const { createS3Client } = await import('${layer}clients/s3.ts');
    const { resolveSettings } = await import('${layer}settings/resolve.ts');
    const { HeadBucketCommand } = await import('@aws-sdk/client-s3');
    const client = createS3Client(resolveSettings({ environment: process.env }));
    await client.send(new HeadBucketCommand({ Bucket: 'bucket' }));
    client.destroy();
    console.log(JSON.stringify(read.filter((path) => path.includes('.aws'))));`;
  const env = {
    PATH: process.env.PATH,
    HOME: '/nowhere',
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: server.url,
  };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    cwd: import.meta.dirname,
    env,
  });
  expect(JSON.parse(stdout)).toEqual([]);
});
