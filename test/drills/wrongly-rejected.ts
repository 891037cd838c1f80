// A policy was deployed with a mistake, and a thousand honest files were rejected by it.
import assert from 'node:assert/strict';
import { countsOf } from './command.ts';
import { createDrill } from './drill.ts';

const HONEST = 1_000;
const DISHONEST = 20;
const NEIGHBOURS = 20;
const POLICIES = 'test/drills/wrongly-rejected-policies.ts';

const DEPLOY = 'npx serverless deploy --stage prod';
const COUNT =
  'npx sluice admin rejudge --policy <policy> --since 2d --reason <reason> --stage prod --dry-run';
const REJUDGE = 'npx sluice admin rejudge --policy <policy> --since 2d --reason <reason> --stage prod';

export const wronglyRejected = createDrill({
  name: 'wrongly-rejected',
  title: `${HONEST.toLocaleString('en')} honest files were rejected, because a policy had a mistake`,
  symptom: 'Honest files are rejected',
  commands: [DEPLOY, COUNT, REJUDGE],
  wishes: { policies: POLICIES },

  trouble: async ({ send, until }) => {
    const before = await send({ tenant: 'drills', subject: 'before' }, NEIGHBOURS);
    // As Excel for Windows writes it.
    const bytes = (n: number) => Uint8Array.from(Buffer.from(`größe;straße\n${n};Köln\n`, 'latin1'));
    const honest = await send({ tenant: 'drills', subject: 'honest' }, HONEST, { bytes });
    const dishonest = await send({ tenant: 'drills', subject: 'dishonest' }, DISHONEST, {
      bytes: (n) => `<!doctype html><script>alert(${n})</script>`,
    });
    await until(before, 'accepted');
    await until([...honest, ...dishonest], 'rejected');
    return { before, honest, dishonest };
  },

  cure: async ({ run, deploy, read }, { honest }) => {
    const [one] = await read(honest.slice(0, 1));
    const which = { policy: 'data', reason: one?.reason ?? '' };
    await deploy({});
    assert.deepEqual(countsOf(await run(COUNT, which)), { 'judged again': HONEST });
    assert.deepEqual(countsOf(await run(REJUDGE, which)), { 'judged again': HONEST });
  },

  proof: async ({ until, send }, { before, honest, dishonest }) => {
    const during = await send({ tenant: 'drills', subject: 'during' }, NEIGHBOURS);
    await until([...honest, ...during], 'accepted', 10 * 60_000);
    await until(before, 'accepted', 0);
    await until(dishonest, 'rejected', 0);
  },
});
