// One owner requests thousands of uploads, beside honest people.
import assert from 'node:assert/strict';
import { createDrill } from './drill.ts';
import type { Scene } from './scene.ts';

const FLOOD = 20_000;
const PER_MINUTE = 600;
const HONEST = 60;
const BEFORE_BLOCK = 6_000;
/** No more than this many times slower for others than before, on a machine that all share. */
const SLOWER = 8;

const BLOCK = 'npx sluice admin block --tenant <tenant> --owner <owner> --stage prod';
const OWNER = { tenant: 'flood', subject: 'flooder' };

export const flood = createDrill({
  name: 'flood',
  title: `one owner requests ${FLOOD.toLocaleString('en')} uploads beside honest people`,
  symptom: 'QuotaRefusalsAlarm',
  commands: [BLOCK],
  wishes: { parameters: { ownerRequestsPerMinute: String(PER_MINUTE) } },

  trouble: async (scene) => {
    await p99(scene, 'warm');
    const before = await p99(scene, 'calm');
    const answers = new Map<string, number>();
    // Two calls of a hundred at a time, until all have been sent.
    const pour = async () => {
      for (let sent = 0; sent < FLOOD / 2; sent += 100) {
        for (const answer of await requestMany(scene, 100))
          answers.set(answer, (answers.get(answer) ?? 0) + 1);
      }
    };
    const pouring = Promise.all([pour(), pour()]);
    pouring.catch(() => undefined);
    const sum = () => [...answers.values()].reduce((all, count) => all + count, 0);
    const during = await p99(scene, 'during');
    while (sum() < BEFORE_BLOCK) await new Promise((resolve) => setTimeout(resolve, 500));
    scene.say(`p99 of a request: ${before} ms before, ${during} ms during the flood`);
    return { before, during, answers, pouring, atBlock: { requested: 0 } };
  },

  cure: async ({ run }, { answers, atBlock }) => {
    await run(BLOCK, { tenant: OWNER.tenant, owner: OWNER.subject });
    atBlock.requested = answers.get('requested') ?? 0;
  },

  proof: async (scene, { before, during, answers, pouring }) => {
    await pouring;
    scene.say([...answers].map(([answer, count]) => `${count} ${answer}`).join(', '));
    assert.deepEqual([...new Set(await requestMany(scene, 100))], ['owner_blocked']);
    assert.ok((answers.get('requests_too_many') ?? 0) > 0, 'most are refused by the rate');
    const after = await p99(scene, 'after');
    scene.say(`p99 of a request: ${after} ms after the block`);
    assert.ok(during <= before * SLOWER, `${during} ms during it, ${before} ms before`);
    const honest = await scene.send({ tenant: 'drills', subject: 'honest' }, 20);
    await scene.until(honest, 'accepted');
  },
});

/** What becomes of so many requests of the flooder. */
async function requestMany({ service }: Scene, count: number): Promise<string[]> {
  const wish = { filename: 'a.csv', contentType: 'text/csv', policy: 'data', size: 4, owner: OWNER } as const;
  const settled = await Promise.allSettled(Array.from({ length: count }, () => service.request(wish)));
  return settled.map((one) =>
    one.status === 'fulfilled' ? 'requested' : ((one.reason as { code?: string }).code ?? String(one.reason)),
  );
}

/** Of requests of honest people, one after the other, each of another: milliseconds. */
async function p99({ service }: Scene, who: string): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < HONEST; n += 1) {
    const began = performance.now();
    const owner = { tenant: 'drills', subject: `${who}-${n % 10}` };
    await service.request({ filename: 'a.csv', contentType: 'text/csv', policy: 'data', size: 4, owner });
    times.push(performance.now() - began);
  }
  const sorted = times.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? 0);
}
