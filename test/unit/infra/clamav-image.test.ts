import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

type Template = { readonly Resources: Record<string, { Properties: Record<string, unknown> }> };
type Plugin = new (serverless: {
  readonly service: {
    readonly custom: { readonly clamavImage: string };
    readonly provider: { readonly compiledCloudFormationTemplate: Template };
  };
}) => { readonly hooks: Readonly<Record<string, () => void>> };

// A plugin of serverless is CommonJS, and has no types.
const ClamavImage: Plugin = createRequire(import.meta.url)('../../../infra/clamav-image.cjs');
const IMAGE = `123456789012.dkr.ecr.eu-central-1.amazonaws.com/clamav@sha256:${'a'.repeat(64)}`;

function setup(clamavImage: string) {
  const packed = {
    Code: { S3Bucket: 'deployments', S3Key: 'scan-with-clamav.zip' },
    Handler: 'src/handlers/scan-with-clamav.handler',
    Runtime: 'nodejs24.x',
    MemorySize: 3008,
  };
  const compiledCloudFormationTemplate: Template = {
    Resources: {
      ScanDashwithDashclamavLambdaFunction: { Properties: packed },
      HealthLambdaFunction: { Properties: packed },
    },
  };
  const plugin = new ClamavImage({
    service: { custom: { clamavImage }, provider: { compiledCloudFormationTemplate } },
  });
  plugin.hooks['before:package:finalize']?.();
  const { ScanDashwithDashclamavLambdaFunction: scan, HealthLambdaFunction: health } =
    compiledCloudFormationTemplate.Resources;
  return { packed, scan: scan?.Properties, health: health?.Properties };
}

test('scan-with-clamav is of the image that the stage names, and no other function is', () => {
  const { packed, scan, health } = setup(IMAGE);
  expect(scan).toEqual({ PackageType: 'Image', Code: { ImageUri: IMAGE }, MemorySize: 3008 });
  expect(health).toEqual(packed);
});

test('without an image it is packed as the others are', () => {
  const { packed, scan } = setup('');
  expect(scan).toEqual(packed);
});
