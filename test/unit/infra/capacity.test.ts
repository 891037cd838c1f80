import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { type Capacity, toCapacity } from '../../../bench/capacity.ts';

const DEFAULTS = {
  peakUploadsPerSecond: '20',
  verifySeconds: '0.5',
  routeRateLimit: '',
  routeBurstLimit: '',
};

function setup(changes: Partial<typeof DEFAULTS> = {}): Capacity {
  return toCapacity({ ...DEFAULTS, ...changes });
}

test('a stage that names nothing has twenty places, and routes of a hundred calls a second', () => {
  expect(setup()).toEqual({
    verifyConcurrency: 20,
    routeRateLimit: 100,
    routeBurstLimit: 200,
    warmWriteUnits: 4_000,
    warmReadUnits: 12_000,
  });
});

test.each([
  ['twice the uploads', { peakUploadsPerSecond: '40' }, 40],
  ['twice the time', { verifySeconds: '1' }, 40],
  ['a time that no binary fraction is', { verifySeconds: '0.15' }, 6],
  ['a place and a bit', { peakUploadsPerSecond: '21', verifySeconds: '0.15' }, 7],
  [
    'hardly any uploads, as Lambda sets no less than two',
    { peakUploadsPerSecond: '1', verifySeconds: '0.1' },
    2,
  ],
])('%s has %o places', (_what, changes, places) => {
  expect(setup(changes).verifyConcurrency).toBe(places);
});

test('what a stage sets for its routes holds, whatever its target', () => {
  expect(setup({ routeRateLimit: '10', peakUploadsPerSecond: '500' })).toMatchObject({
    routeRateLimit: 10,
    routeBurstLimit: 20,
  });
  expect(setup({ routeBurstLimit: '30' })).toMatchObject({ routeRateLimit: 100, routeBurstLimit: 30 });
});

test('tables are asked for no less than new ones have, which DynamoDB would refuse', () => {
  expect(setup({ peakUploadsPerSecond: '801' })).toMatchObject({
    warmWriteUnits: 4_005,
    warmReadUnits: 12_000,
  });
});

test('serverless gets it from the parameters as they are resolved', async () => {
  const resolve: (serverless: { resolveVariable: (name: string) => Promise<unknown> }) => Promise<Capacity> =
    createRequire(import.meta.url)('../../../infra/capacity.cjs');
  const given: Readonly<Record<string, unknown>> = {
    'param:peakUploadsPerSecond': 40, // a number in the stage's file
    'param:verifySeconds': '0.5',
    'param:routeRateLimit': '',
    'param:routeBurstLimit': '',
  };
  const capacity = await resolve({ resolveVariable: async (name) => given[name] });
  expect(capacity).toMatchObject({ verifyConcurrency: 40, routeRateLimit: 200, routeBurstLimit: 400 });
});
