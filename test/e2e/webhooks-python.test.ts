// The packages of PyPI that receivers use verify what Sluice sends, and the snippet of FastAPI runs as it
// stands in docs/webhooks.md.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { signWebhook, toEd25519Key, toWebhookPublicKey } from '@sluice/contract/webhook-signature';
import { expect, test } from 'vitest';
import { choosePython, findPythons } from '../../local/python.ts';
import { createWebhookKeys } from '../../src/lib/webhook/keys.ts';
import { endpointOf, MASTER } from '../unit/webhook/world.ts';

const run = promisify(execFile);

async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-webhooks-'));
  const python = choosePython(await findPythons());
  if (python === undefined) throw new Error('there is no Python 3.10 or newer with venv');
  await run(python.command, ['-m', 'venv', join(folder, 'venv')]);
  const bin = join(folder, 'venv', 'bin', 'python');
  const install = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--require-hashes',
    '-r',
    'test/webhooks/requirements.txt',
  ];
  await run(bin, install);
  const page = await readFile('docs/webhooks.md', 'utf8');
  const [, snippet] = /```python\n# fastapi_app\.py\n([\s\S]*?)\n```/.exec(page) ?? [];
  if (snippet === undefined) throw new Error('docs/webhooks.md has no snippet of FastAPI');
  await writeFile(join(folder, 'fastapi_app.py'), snippet);
  await writeFile(
    join(folder, 'handle.py'),
    'seen = []\n\n\nasync def handle(id, event):\n    seen.append([id, event])\n',
  );
  await writeFile(join(folder, 'verify.py'), await readFile('test/webhooks/verify.py'));
  return {
    verify: async (secret: string, given: object) => {
      const child = spawn(bin, ['verify.py'], {
        cwd: folder,
        env: { ...process.env, SLUICE_WEBHOOK_SECRET: secret },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      child.stdin.end(JSON.stringify(given));
      return await json(child.stdout);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

test('FastAPI and PyNaCl take what Sluice sends, and refuse what was changed, is old, or is another’s', async () => {
  await using world = await setup();
  const keys = createWebhookKeys(async () => [MASTER]);
  const endpoint = endpointOf({ signatures: ['v1', 'v1a'] });
  const now = Date.now();
  const [secret] = await keys.secretsOf(endpoint, now);
  const [publicKey] = await keys.publicKeysOf(endpoint, now);
  const signers = await keys.signersOf(endpoint, now);
  const body =
    '{"type":"upload.accepted","timestamp":"2026-11-20T09:15:02.417Z","data":{"filename":"Ä.jpg"}}';
  const messageOf = (timestamp: number) => {
    const headers = signWebhook({ id: 'a0.accepted', timestamp, body }, signers);
    return { body, headers: { ...headers, 'content-type': 'application/json' } };
  };
  const seconds = Math.floor(now / 1_000);
  const good = messageOf(seconds);
  const messages = [good, { ...good, body: body.replace('Ä', 'Ö') }, messageOf(seconds - 600)];
  expect(await world.verify(secret, { publicKey, messages })).toEqual({
    answers: [204, 400, 400],
    signed: [true, false, true], // of old ones the key says nothing
    seen: [['a0.accepted', JSON.parse(body)]],
  });
  const other = toWebhookPublicKey(toEd25519Key(randomBytes(32)));
  expect(await world.verify(secret, { publicKey: other, messages: [good] })).toMatchObject({
    signed: [false],
  });
});
