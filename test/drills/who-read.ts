// Somebody asks who sent a file, and who has read it since.
import assert from 'node:assert/strict';
import { createDrill } from './drill.ts';

const OWNER = { tenant: 'drills', subject: 'witness' };
const READS = 3;

const SHOW = 'npx sluice admin show <id> --no-logs --stage prod';
const AUDIT = 'npx sluice admin audit <id> --since 7d --stage prod';

export const whoRead = createDrill({
  name: 'who-read',
  title: 'somebody asks who sent a file, and who has read it',
  symptom: 'Who sent a file, and who has read it?',
  commands: [SHOW, AUDIT],

  trouble: async ({ send, until, service }) => {
    const files = await send(OWNER, 2);
    await until(files, 'accepted');
    const [id = '', other = ''] = files;
    for (let n = 0; n < READS; n += 1) await service.download(id);
    await service.download(other);
    return { id, said: { shown: '', deeds: '' } };
  },

  cure: async ({ run }, { id, said }) => {
    said.shown = (await run(SHOW, { id })).out;
    said.deeds = (await run(AUDIT, { id })).out;
  },

  proof: async ({ stack }, { id, said }) => {
    assert.match(said.shown, new RegExp(OWNER.subject));
    const deeds = said.deeds.trimEnd().split('\n');
    assert.ok(
      deeds.every((line) => line.includes(id)),
      'of this file alone',
    );
    const count = (deed: string) => deeds.filter((line) => line.includes(`  ${deed} `)).length;
    assert.equal(count('upload requested'), 1);
    assert.equal(count('download granted'), READS);
    // By whom: the service, by its name, and the operator who looked; nobody by the name of a person.
    const [looked = [], asked = []] = [true, false].map((is) =>
      deeds.filter((line) => line.includes('caller=operator') === is),
    );
    assert.ok(asked.every((line) => line.includes(`client=${stack.serviceClientId}`)));
    assert.equal(looked.length, 1);
    assert.match(looked[0] ?? '', /command=show operator=/);
    assert.doesNotMatch(said.deeds, new RegExp(`=${OWNER.subject}\\b`));
  },
});
