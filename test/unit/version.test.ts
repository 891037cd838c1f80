import { readFileSync } from 'node:fs';
import { VERSION } from '@sluice/contract/version';
import { expect, test } from 'vitest';

test('the version that the API and sluice tell is that of package.json', () => {
  expect(VERSION).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version);
});
