import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { VERSION } from '../../src/lib/version.ts';

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

const { version } = JSON.parse(read('package.json'));

test('the version that the API tells is that of package.json', () => {
  expect(VERSION).toBe(version);
});

const MANIFESTS = globSync('packages/*/package.json');

test.each(MANIFESTS)('%s has the version of the service', (path) => {
  expect(JSON.parse(read(path)).version).toBe(version);
});

test('the descriptions of the API and of events have the version of the service', () => {
  expect(MANIFESTS.length).toBeGreaterThan(3);
  expect(parse(read('docs/openapi.yaml')).info.version).toBe(version);
  expect(parse(read('docs/events.asyncapi.yaml')).info.version).toBe(version);
});
