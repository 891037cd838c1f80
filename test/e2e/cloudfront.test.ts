// CloudFront before the store, as far as the local AWS goes: it makes the distribution, reads the bucket by
// its policy and sends the headers. It verifies no signature, keeps no copies, and does not hand on to S3
// what to answer with: those hold on AWS only.
import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import {
  CloudFrontClient,
  CreateKeyGroupCommand,
  CreatePublicKeyCommand,
  ListDistributionsCommand,
  ListInvalidationsCommand,
} from '@aws-sdk/client-cloudfront';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createClient } from '@sluice/client/client';
import { createUploader } from '@sluice/client/uploader';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { region } from '../../local/environment.ts';
import { rootOf } from '../contract/root.ts';
import { HONEST } from '../corpus/honest.ts';
import { startOwn, type TestStack } from '../setup/local-stack.ts';

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

let stack: TestStack;
let stop: (() => Promise<void>) | undefined;
let cloudFront: CloudFrontClient;
let keyId: string;

/** What a team does once: docs/reading.md, CloudFront. */
async function prepare(endpoint: string) {
  cloudFront = new CloudFrontClient(rootOf({ endpoint, region }));
  const { PublicKey } = await cloudFront.send(
    new CreatePublicKeyCommand({
      PublicKeyConfig: { CallerReference: 'files-1', Name: 'files-1', EncodedKey: keys.publicKey },
    }),
  );
  keyId = PublicKey?.Id ?? '';
  const { KeyGroup } = await cloudFront.send(
    new CreateKeyGroupCommand({ KeyGroupConfig: { Name: 'files', Items: [keyId] } }),
  );
  const secrets = new SecretsManagerClient(rootOf({ endpoint, region }));
  const { ARN } = await secrets.send(
    new CreateSecretCommand({
      Name: 'sluice-files',
      SecretString: JSON.stringify({ keyId, privateKey: keys.privateKey }),
    }),
  );
  return {
    parameters: {
      cloudFront: 'true',
      cloudFrontKeyGroup: KeyGroup?.Id ?? '',
      cloudFrontKeySecret: ARN ?? '',
    },
  };
}

beforeAll(async () => {
  ({ stack, stop } = await startOwn(`test-cloudfront-${process.pid}`, prepare));
});
afterAll(async () => {
  cloudFront?.destroy();
  await stop?.();
});

async function setup() {
  const connection = { endpoint: stack.apiUrl, token: stack.alice.idToken };
  const { bytes, type } = HONEST.find(({ name }) => name === 'picture.jpg') ?? expect.fail('no picture');
  const file = new File([new Uint8Array(bytes)], 'picture.jpg', { type });
  const upload = await createUploader(connection).upload(file);
  expect(upload.state).toBe('accepted');
  return { upload, bytes, client: createClient(connection) };
}

async function distribution() {
  const { DistributionList } = await cloudFront.send(new ListDistributionsCommand({}));
  return DistributionList?.Items?.[0] ?? expect.fail('there is no distribution');
}

type Got = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer };

/** The local AWS is every distribution by its host name, which leads nowhere else. */
async function get(address: string): Promise<Got> {
  const { host, pathname, search } = new URL(address);
  const call = request(`${stack.endpoint}${pathname}${search}`, { headers: { host } });
  call.end();
  const [response] = await once(call, 'response');
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

function isSigned(url: string, publicKey: KeyObject): boolean {
  const [resource = '', rest = ''] = url.split(/[?&]Expires=/);
  const { Expires, Signature = '' } = Object.fromEntries(new URLSearchParams(`Expires=${rest}`));
  const policy = `{"Statement":[{"Resource":"${resource}","Condition":{"DateLessThan":{"AWS:EpochTime":${Expires}}}}]}`;
  const signature = Signature.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/');
  return verify('RSA-SHA1', Buffer.from(policy), publicKey, Buffer.from(signature, 'base64'));
}

test('files are read at the distribution, by addresses that the team’s key has signed', async () => {
  const { upload, client, bytes } = await setup();
  const { url, expiresAt } = await client.download(upload.id);
  const { DomainName } = await distribution();
  const address = new URL(url);
  expect(address.host).toBe(DomainName);
  expect(address.searchParams.get('Key-Pair-Id')).toBe(keyId);
  expect(address.searchParams.get('Expires')).toBe(String(Date.parse(expiresAt) / 1000));
  expect(isSigned(url, createPublicKey(keys.publicKey))).toBe(true);

  const { status, headers, body } = await get(url);
  expect(status).toBe(200);
  expect(body).toEqual(Buffer.from(bytes));
  expect(headers).toMatchObject({
    'content-type': 'image/jpeg',
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'cross-origin',
  });
});

test('what a browser shows is part of what is signed', async () => {
  const { upload, client } = await setup();
  const [one] = await client.downloads([upload.id], { inline: true });
  expect(one).toMatchObject({ inline: true });
  const url = one?.url ?? '';
  expect(new URL(url).searchParams.get('response-content-disposition')).toMatch(/^inline; /);
  expect(isSigned(url, createPublicKey(keys.publicKey))).toBe(true);
});

test('a file that is deleted is forgotten by the distribution', async () => {
  const { upload, client } = await setup();
  const { url } = await client.download(upload.id);
  await client.delete(upload.id);
  const { Id } = await distribution();
  const { InvalidationList } = await cloudFront.send(new ListInvalidationsCommand({ DistributionId: Id }));
  expect(InvalidationList?.Items?.length).toBe(1);
  expect((await get(url)).status).toBeGreaterThanOrEqual(400);
});

test('the console may show what comes from the distribution', async () => {
  const { DomainName } = await distribution();
  const page = await fetch(stack.consoleUrl);
  expect(page.headers.get('content-security-policy')).toContain(`img-src 'self' https://${DomainName}`);
});
