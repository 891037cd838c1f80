import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';

const Notices = createRequire(import.meta.url)('../../../infra/notices.cjs');

function setup(notices: { alarmTopic: string; stage: string }): readonly string[] {
  const warnings: string[] = [];
  const log = { warning: (text: string) => warnings.push(text) };
  new Notices({ service: { custom: { notices } } }, {}, { log }).hooks['after:deploy:deploy']();
  return warnings;
}

describe('a deployment', () => {
  test('says that its alarms notify nobody', () => {
    expect(setup({ alarmTopic: '', stage: 'prod' })).toEqual([Notices.NO_TOPIC]);
  });

  test.each([
    { alarmTopic: 'arn:aws:sns:eu-central-1:123456789012:alarms', stage: 'prod' },
    { alarmTopic: '', stage: 'local' },
  ])('says nothing of %o', (notices) => {
    expect(setup(notices)).toEqual([]);
  });
});
