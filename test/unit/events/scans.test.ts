// The events of the scanners' queues, through the functions that they are for.
import type { ScanResult } from '@sluice/contract/scan';
import { afterEach, expect, test, vi } from 'vitest';
import { createHandler as createAskScanners } from '../../../src/handlers/ask-scanners.ts';
import { captureLog } from '../../fakes/log-lines.ts';
import { context, ID, NOW, readEvent, variantsOf } from './world.ts';

afterEach(() => void vi.restoreAllMocks());

const SECRET = 'X-Amz-Signature=5ec7e7';

function setup(answer = '{"outcome":"infected","threats":["Eicar"]}') {
  const lines = captureLog();
  const [scans, results]: [string[], ScanResult[]] = [[], []];
  const handler = createAskScanners({
    askGuardDuty: async ({ key }) => void scans.push(key),
    callFunction: async () => answer,
    sign: async () => ({ url: `https://example.com/?${SECRET}`, expiresAt: new Date(NOW) }),
    report: async (result) => void results.push(result),
    now: () => NOW,
    timeout: () => new AbortController().signal,
  });
  const told = () => lines.flatMap(({ message }) => (message === undefined ? [] : [message]));
  return { handler, scans, results, told, lines };
}

const ASKED: Readonly<
  Record<string, { failed: number; scans: number; results: number; told: readonly string[] }>
> = {
  guardduty: { failed: 0, scans: 1, results: 0, told: ['scanner asked'] },
  function: { failed: 0, scans: 0, results: 1, told: ['scanner asked'] },
  'one-malformed': { failed: 1, scans: 1, results: 0, told: ['scanner not asked', 'scanner asked'] },
};

test.each(Object.entries(ASKED))('ask-scanners.%s', async (variant, expected) => {
  const { handler, scans, results, told } = setup();
  const { batchItemFailures } = await handler(readEvent(`ask-scanners.${variant}.json`), context);
  expect({
    failed: batchItemFailures.length,
    scans: scans.length,
    results: results.length,
    told: told().toSorted((a, b) => expected.told.indexOf(String(a)) - expected.told.indexOf(String(b))),
  }).toEqual(expected);
});

test('every event of ask-scanners is expected here', () => {
  expect(variantsOf('ask-scanners').toSorted()).toEqual(Object.keys(ASKED).toSorted());
});

test('what the function answers is handed in, and the address stands in no line of the log', async () => {
  const { handler, results, lines } = setup();
  await handler(readEvent('ask-scanners.function.json'), context);
  expect(results).toEqual([
    expect.objectContaining({ scanner: 'function', uploadId: ID, outcome: 'infected', threats: ['Eicar'] }),
  ]);
  expect(JSON.stringify(lines)).not.toContain(SECRET);
  expect(lines).toContainEqual(
    expect.objectContaining({ scanner: 'function', uploadId: ID, outcome: 'infected' }),
  );
});
