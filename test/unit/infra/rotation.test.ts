import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { KEYS, rotate } from '../../../infra/rotation/rotate.ts';

const FRESH = { current: 'a', previous: 'none' };

test('a rotation keeps the old value beside a new one, which the end of it ends', () => {
  const rotated = rotate(FRESH, 'rotate');
  expect(rotated).toEqual({ current: expect.stringMatching(/^[0-9a-f]{64}$/), previous: 'a' });
  expect(rotate(rotated, 'end')).toEqual({ ...rotated, previous: 'none' });
});

test('a key that has leaked is good for nothing more', () => {
  const leaked = rotate({ current: 'a', previous: 'b' }, 'leaked', () => 'c');
  expect(leaked).toEqual({ current: 'c', previous: 'none' });
});

test('a second rotation does not end what is still in use', () => {
  expect(() => rotate({ current: 'a', previous: 'b' }, 'rotate')).toThrow('--end');
});

test.each(Object.values(KEYS))(
  '$logicalId is a secret of the template that has both values',
  ({ logicalId }) => {
    const files = ['sessions', 'webhooks', 'pushed-arrivals'].map((name) =>
      parse(readFileSync(`infra/${name}.yml`, 'utf8'), { logLevel: 'error', maxAliasCount: -1 }),
    );
    const secret = files.map(({ Resources }) => Resources[logicalId]).find((found) => found !== undefined);
    expect(JSON.parse(secret.Properties.GenerateSecretString.SecretStringTemplate)).toEqual({
      previous: 'none',
    });
    expect(secret.Properties.GenerateSecretString.GenerateStringKey).toBe('current');
  },
);
