// Who reads an accepted file, on a stack of its own: with tenants that are more than a user each, and a
// policy that lets anyone read.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AdminCreateUserCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { type Client, createClient } from '@sluice/client/client';
import { ProblemError } from '@sluice/client/errors';
import { fileUrl } from '@sluice/client/file-url';
import type { Upload } from '@sluice/client/resource';
import { createUploader } from '@sluice/client/uploader';
import type { Readers } from '@sluice/contract/upload';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { projectRoot } from '../../local/folders.ts';
import { type PoolStack, readPoolStack } from '../../local/stack.ts';
import { createUser, logIn } from '../../local/users.ts';
import { rootOf } from '../contract/root.ts';
import { HONEST } from '../corpus/honest.ts';
import { launchBrowser } from '../setup/browser.ts';
import { startStack } from '../setup/local-stack.ts';
import { servePage } from './page.ts';
import { takePicture, visit } from './visitor.ts';

const POLICIES = `
import type { Policies } from '${projectRoot}/src/lib/upload/policy.ts';
import { policies as shipped } from '${projectRoot}/src/policies.ts';

const readers = { allowed: ['owner', 'tenant', 'anyone'], default: 'owner', listed: true } as const;
export const policies: Policies = {
  ...shipped,
  images: { ...shipped.images, readers },
  media: { ...shipped.media, readers },
};
`;

const browser = await launchBrowser();
const folder = await mkdtemp(join(tmpdir(), 'sluice-readers-'));
let stack: PoolStack;
let stop: (() => Promise<void>) | undefined;

beforeAll(async () => {
  const policies = join(folder, 'policies.ts');
  await writeFile(policies, POLICIES);
  const started = await startStack(
    `test-readers-${process.pid}`,
    async () => ({ policies, parameters: { tenantClaim: 'custom:tenant' } }),
    readPoolStack,
  );
  stack = started.stack;
  stop = started.stop;
});
afterAll(async () => {
  await browser.close();
  await stop?.();
  await rm(folder, { recursive: true, force: true });
});

type Member = { readonly client: Client; readonly token: string };

/** Somebody new of a tenant. */
async function enrol(tenant: string): Promise<Member> {
  const user = { email: `${crypto.randomUUID()}@example.com`, password: crypto.randomUUID() };
  const cognito = new CognitoIdentityProviderClient(rootOf(stack));
  await cognito.send(
    new AdminCreateUserCommand({
      UserPoolId: stack.userPoolId,
      Username: user.email,
      UserAttributes: [
        { Name: 'email', Value: user.email },
        { Name: 'custom:tenant', Value: tenant },
      ],
      MessageAction: 'SUPPRESS',
    }),
  );
  cognito.destroy();
  await createUser(stack, user); // is there already, and gets a password
  const { idToken } = await logIn(stack, user);
  return { client: createClient({ endpoint: stack.apiUrl, token: idToken }), token: idToken };
}

/** An accepted file of the corpus. */
async function upload({ token }: Member, name: string, readers?: Readers): Promise<Upload> {
  const { bytes, type } = HONEST.find((file) => file.name === name) ?? expect.fail(`no ${name}`);
  const file = new File([new Uint8Array(bytes)], name, { type });
  const uploader = createUploader({ endpoint: stack.apiUrl, token });
  const done = await uploader.upload(file, { metadata: { note: 'private' }, ...(readers && { readers }) });
  expect(done).toMatchObject({ state: 'accepted', readers: readers ?? 'owner' });
  return done;
}

function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'done',
    (error) => (error instanceof ProblemError ? error.problem.code : String(error)),
  );
}

/** What is at the address that stays, without a token unless there is one. */
function open({ id }: Upload, name: string, init: RequestInit = {}): Promise<Response> {
  return fetch(fileUrl(stack.apiUrl, id, name), { redirect: 'manual', ...init });
}

test('a picture that anyone may read is shown by an <img> on a page of another site, without a token', async () => {
  const picture = await upload(await enrol('acme'), 'picture.jpg', 'anyone');
  const page = await browser.newPage();
  const site = await servePage(`<img src="${fileUrl(stack.apiUrl, picture.id, 'picture.jpg')}">`);
  try {
    await page.goto(site.url);
    const width = () => page.locator('img').evaluate((img: HTMLImageElement) => img.naturalWidth);
    await expect.poll(width).toBe(2);
    // And a link to it shows it too: the address is one for showing, of the type that was verified. Without
    // what the first page has in its cache: the local S3 names the stored disposition in a 304, and a browser
    // takes that over.
    await using other = await browser.newContext();
    const reader = await other.newPage();
    const opened = await reader.goto(fileUrl(stack.apiUrl, picture.id, 'picture.jpg'));
    expect(opened?.status()).toBe(200);
    expect(opened?.headers()).toMatchObject({
      'content-type': 'image/jpeg',
      'content-disposition': expect.stringMatching(/^inline; filename="picture.jpg"/),
    });
  } finally {
    await site.stop();
    await page.close();
  }
});

test('the address that stays leads to a signed one, which caches may keep for half of its time', async () => {
  const picture = await upload(await enrol('acme'), 'picture.jpg', 'anyone');
  const found = await open(picture, 'picture.jpg');
  expect(found.status).toBe(302);
  expect(found.headers.get('cache-control')).toMatch(/^public, max-age=1[45]\d$/);
  expect(found.headers.get('x-content-type-options')).toBe('nosniff');
  const head = await open(picture, 'picture.jpg', { method: 'HEAD' });
  expect(head.status).toBe(302);
  const seen = await fetch(head.headers.get('location') ?? '', { method: 'HEAD' });
  expect(seen.status).toBe(200);
  expect(seen.headers.get('content-length')).toBe(String(picture.size));
  const saved = await fetch(`${fileUrl(stack.apiUrl, picture.id, 'picture.jpg')}?inline=false`);
  expect(saved.headers.get('content-disposition')).toMatch(/^attachment; /);
  expect((await open(picture, 'invoice.pdf')).status).toBe(404);
});

test('what only its owner or its tenant may read has no address that stays, not for its owner either', async () => {
  const ada = await enrol('acme');
  for (const readers of ['owner', 'tenant'] as const) {
    const picture = await upload(ada, 'picture.jpg', readers);
    const headers = { authorization: `Bearer ${ada.token}` };
    expect((await open(picture, 'picture.jpg')).status).toBe(404);
    expect((await open(picture, 'picture.jpg', { headers })).status).toBe(404);
  }
});

test('a film is sought: any piece of it is read from its address', async () => {
  const ada = await enrol('acme');
  const film = await upload(ada, 'clip.mp4');
  const { bytes } = HONEST.find(({ name }) => name === 'clip.mp4') ?? expect.fail('no film');
  const { url, expiresAt, inline } = await ada.client.download(film.id, { inline: true });
  expect(inline).toBe(true);
  // As long as the policy says: to go back in it after an hour.
  expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(3 * 3_600_000);
  const piece = await fetch(url, { headers: { range: 'bytes=100-199' } });
  expect(piece.status).toBe(206);
  expect(piece.headers.get('content-range')).toBe(`bytes 100-199/${bytes.length}`);
  expect(piece.headers.get('content-disposition')).toMatch(/^inline; /);
  expect(Buffer.from(await piece.arrayBuffer())).toEqual(Buffer.from(bytes.subarray(100, 200)));
});

test('a member of the tenant reads and finds what is shared, and changes nothing of it', async () => {
  const [ada, eve] = [await enrol('globex'), await enrol('globex')];
  const shared = await upload(ada, 'picture.jpg', 'tenant');
  const hidden = await upload(ada, 'picture.png');
  const { url } = await eve.client.download(shared.id);
  expect((await fetch(url)).status).toBe(200);
  expect(await eve.client.status(shared.id)).toMatchObject({ own: false, readers: 'tenant', metadata: {} });
  const { uploads } = await eve.client.list({ scope: 'tenant' });
  expect(uploads).toMatchObject([{ id: shared.id, own: false, metadata: {} }]);
  expect((await eve.client.list()).uploads).toEqual([]);
  expect(
    (await eve.client.downloads([shared.id, hidden.id])).map(({ url, problem }) => [!!url, problem?.code]),
  ).toEqual([
    [true, undefined],
    [false, 'upload_not_found'],
  ]);
  expect(await codeOf(eve.client.share(shared.id, 'anyone'))).toBe('upload_not_found');
  expect(await codeOf(eve.client.delete(shared.id))).toBe('upload_not_found');
  expect(await codeOf(eve.client.download(hidden.id))).toBe('upload_not_found');
});

test.each(['globe', 'globexx'])('somebody of the tenant %s reads nothing of globex', async (tenant) => {
  const [ada, bob] = [await enrol('globex'), await enrol(tenant)];
  const shared = await upload(ada, 'picture.jpg', 'tenant');
  expect(await codeOf(bob.client.download(shared.id))).toBe('upload_not_found');
  expect(await codeOf(bob.client.status(shared.id))).toBe('upload_not_found');
  expect((await bob.client.list({ scope: 'tenant' })).uploads).toEqual([]);
});

test('narrowing holds at once for addresses that are asked for then, and not for those that are out', async () => {
  const [ada, eve] = [await enrol('initech'), await enrol('initech')];
  const picture = await upload(ada, 'picture.jpg', 'anyone');
  const out = (await open(picture, 'picture.jpg')).headers.get('location') ?? '';
  expect((await eve.client.download(picture.id)).url).toBeTruthy();
  expect(await ada.client.share(picture.id, 'owner')).toMatchObject({ readers: 'owner' });
  expect((await open(picture, 'picture.jpg')).status).toBe(404);
  expect(await codeOf(eve.client.download(picture.id))).toBe('upload_not_found');
  expect((await eve.client.list({ scope: 'tenant' })).uploads).toEqual([]);
  expect((await fetch(out)).status).toBe(200);
  await ada.client.delete(picture.id);
  expect((await fetch(out)).status).toBe(404);
});

test('whom the policy does not name cannot be let in', async () => {
  const ada = await enrol('acme');
  const paper = await upload(ada, 'paper.pdf');
  expect(await codeOf(ada.client.share(paper.id, 'anyone'))).toBe('readers_not_allowed');
  expect(await ada.client.share(paper.id, 'tenant')).toMatchObject({ readers: 'tenant' });
});

test('the console says who may read a file, and lets its owner choose among what the policy allows', async () => {
  await using visitor = await visit(browser, inject('stack'));
  const { page, idToken, row, seeState, complaints } = visitor;
  await visitor.signIn();
  await visitor.pick(await takePicture(page, 'shared.png'));
  await seeState('shared.png', 'Accepted');
  await row('shared.png').getByRole('button', { name: 'Details of shared.png' }).click();
  const readers = row('shared.png').getByLabel('Who may read it');
  expect(await readers.inputValue()).toBe('owner');
  expect(await readers.locator('option').allTextContents()).toEqual(['only me', 'everybody of my tenant']);
  await readers.selectOption('tenant');
  await page.getByRole('status').getByText('may be read by everybody of my tenant').waitFor();
  expect(await readers.inputValue()).toBe('tenant');
  const client = createClient({ endpoint: inject('stack').apiUrl, token: idToken });
  expect((await client.list()).uploads).toMatchObject([{ filename: 'shared.png', readers: 'tenant' }]);
  expect(complaints).toEqual([]);
});
