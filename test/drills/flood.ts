// One owner requests thousands of uploads, beside honest people.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { clientCredentials } from '@sluice/client/node';
import { readService } from '../../local/users.ts';
import { createDrill } from './drill.ts';
import type { Scene } from './scene.ts';

const FLOOD = 20_000;
const PER_MINUTE = 600;
const HONEST = 30;
const BEFORE_BLOCK = 6_000;
const MINUTE = 60_000;
/**
 * No honest request takes longer, while flood, functions and stack share two cores: five times the slowest
 * that was seen. A ratio to the calm before would be one of milliseconds, and of the machine.
 */
const LONGEST_MS = 2_000;

const BLOCK = 'npx sluice admin block --tenant <tenant> --owner <owner> --stage prod';
const OWNER = { tenant: 'flood', subject: 'flooder' };

export const flood = createDrill({
  name: 'flood',
  title: `one owner requests ${FLOOD.toLocaleString('en')} uploads beside honest people`,
  symptom: 'QuotaRefusalsAlarm',
  commands: [BLOCK],
  wishes: { parameters: { ownerRequestsPerMinute: String(PER_MINUTE) } },

  trouble: async (scene) => {
    await slowest(scene, 'warm');
    const before = await slowest(scene, 'calm');
    const token = clientCredentials(await readService(scene.stack));
    const flooder = { endpoint: scene.stack.apiUrl, token };
    const answers = new Map<string, number>();
    // Two calls of a hundred at a time, until all have been sent.
    const pour = async () => {
      for (let sent = 0; sent < FLOOD / 2; sent += 100) {
        for (const answer of await requestMany(flooder, 100))
          answers.set(answer, (answers.get(answer) ?? 0) + 1);
      }
    };
    const pouring = Promise.all([pour(), pour()]);
    pouring.catch(() => undefined);
    const sum = () => [...answers.values()].reduce((all, count) => all + count, 0);
    const during = await slowest(scene, 'during');
    assert.ok(sum() < FLOOD, 'the flood lasts while honest requests are measured');
    while (sum() < BEFORE_BLOCK) await delay(100);
    scene.say(`the slowest of ${HONEST} honest requests: ${before} ms before, ${during} ms during the flood`);
    return { during, answers, pouring, flooder };
  },

  cure: async ({ run }) => {
    await run(BLOCK, { tenant: OWNER.tenant, owner: OWNER.subject });
  },

  proof: async (scene, { during, answers, pouring, flooder }) => {
    await pouring;
    scene.say([...answers].map(([answer, count]) => `${count} ${answer}`).join(', '));
    const [requested = 0, refused = 0] = ['requested', 'requests_too_many'].map((one) => answers.get(one));
    // It may have begun in one minute of theirs and ended in the next.
    assert.ok(requested > 0 && requested <= 2 * PER_MINUTE, `${requested} were let in`);
    assert.ok(refused > FLOOD / 2, 'most are refused by the rate');
    assert.ok(during <= LONGEST_MS, `an honest request took ${during} ms`);
    // The rate comes first: the block is seen once their minute is over, when they would be let in again.
    const ends = Date.now() + MINUTE + 5_000;
    let last: readonly string[] = ['requests_too_many'];
    while (last.includes('requests_too_many')) {
      assert.ok(Date.now() < ends, 'the minute of the flooder ends');
      await delay(1_000);
      last = await requestMany(flooder, 100);
    }
    assert.deepEqual([...new Set(last)], ['owner_blocked']);
    const after = await slowest(scene, 'after');
    scene.say(`the slowest of ${HONEST} honest requests: ${after} ms after the block`);
    const honest = await scene.send({ tenant: 'drills', subject: 'honest' }, 20);
    await scene.until(honest, 'accepted');
  },
});

/**
 * What becomes of so many requests of the flooder, sent as one list. By fetch: the client waits as long as
 * Retry-After says, and then it is no flood.
 */
async function requestMany({ endpoint, token }: Flooder, count: number): Promise<string[]> {
  const wish = { filename: 'a.csv', contentType: 'text/csv', policy: 'data', size: 4, owner: OWNER };
  const answer = await fetch(`${endpoint}/uploads/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ uploads: Array.from({ length: count }, () => wish) }),
  });
  const body = (await answer.json()) as Answered;
  if (body.results === undefined) return Array.from({ length: count }, () => body.code ?? `${answer.status}`);
  return body.results.map(({ problem }) => problem?.code ?? 'requested');
}

type Flooder = { readonly endpoint: string; readonly token: () => Promise<string> };

type Answered = {
  readonly code?: string;
  readonly results?: readonly { readonly problem?: { readonly code: string } }[];
};

/** Of requests of honest people, one after the other, of ten of them: milliseconds. */
async function slowest({ service }: Scene, who: string): Promise<number> {
  let longest = 0;
  for (let n = 0; n < HONEST; n += 1) {
    const began = performance.now();
    const owner = { tenant: 'drills', subject: `${who}-${n % 10}` };
    await service.request({ filename: 'a.csv', contentType: 'text/csv', policy: 'data', size: 4, owner });
    longest = Math.max(longest, performance.now() - began);
  }
  return Math.round(longest);
}
