// The key of the tokens is changed while somebody uploads by one, and then has to be taken for leaked.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { clientCredentials, createGrants } from '@sluice/client/node';
import { readService } from '../../local/users.ts';
import { createDrill } from './drill.ts';
import type { Scene } from './scene.ts';

const ROTATE = 'npm run rotate-key -- --stage prod --key sessions';
const LEAKED = 'npm run rotate-key -- --stage prod --key sessions --leaked';

const FIVE_MINUTES = 5 * 60_000;
const OWNER = { tenant: 'drills', subject: 'holder' };

export const keyRotation = createDrill({
  name: 'key-rotation',
  title: 'the key of the sessions is changed, and then has leaked',
  symptom: 'A key is to be changed, or has become known',
  commands: [ROTATE, LEAKED],

  trouble: async (scene) => {
    const old = await makeToken(scene);
    assert.equal(await request(scene, old), 201);
    return { old };
  },

  cure: async (scene, { old }) => {
    await scene.run(ROTATE);
    // Nobody notices: the old token is good, and so are new ones.
    const fresh = await makeToken(scene);
    assert.equal(await request(scene, old), 201);
    assert.equal(await request(scene, fresh), 201);
    await scene.run(LEAKED);
  },

  proof: async (scene, { old }) => {
    const ends = Date.now() + FIVE_MINUTES + 60_000;
    while ((await request(scene, old)) !== 401) {
      assert.ok(Date.now() < ends, 'the token of the key that leaked is refused within five minutes');
      await delay(5_000);
    }
    assert.equal(await request(scene, await makeToken(scene)), 201);
    const files = await scene.send(OWNER, 5);
    await scene.until(files, 'accepted');
  },
});

/** The token of a grant, for whoever has no other. */
async function makeToken({ stack }: Scene): Promise<string> {
  const token = clientCredentials(await readService(stack));
  const grants = createGrants({ endpoint: stack.apiUrl, token });
  const wish = { owner: OWNER, policy: 'data', uploads: 100, expiresInSeconds: 3_600 };
  return (await grants.create(wish)).token;
}

/** The status of a request by a token. */
async function request({ stack }: Scene, token: string): Promise<number> {
  const answer = await fetch(`${stack.apiUrl}/uploads`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ filename: 'a.csv', contentType: 'text/csv', size: 4 }),
  });
  await answer.text();
  return answer.status;
}
