import { expect, test } from 'vitest';
import { type AskDeps, askScanner, ScannerRefused } from '../../../src/lib/scan/ask.ts';
import type { FunctionCall } from '../../../src/lib/scan/function-call.ts';
import { aScannedObject, aScanRequest } from './a-scan.ts';

const NOW = Date.parse('2026-11-20T09:15:00Z');

function setup(changes: Partial<AskDeps> = {}) {
  const asked: unknown[] = [];
  const calls: FunctionCall[] = [];
  const deps: AskDeps = {
    askGuardDuty: async (object) => void asked.push(object),
    callFunction: async (call) => {
      calls.push(call);
      return '{"outcome":"clean"}';
    },
    sign: async ({ key, versionId }, seconds, at) => ({
      url: `https://example.com/${key}?versionId=${versionId}`,
      expiresAt: new Date(at.getTime() + seconds * 1000),
    }),
    now: () => NOW,
    timeout: () => new AbortController().signal,
    ...changes,
  };
  const ask = (scanner: 'guardduty' | 'function' | 'clamav') => askScanner(deps, aScanRequest({ scanner }));
  return { ask, asked, calls };
}

test('GuardDuty is asked about the very version, and answers another way', async () => {
  const { ask, asked } = setup();
  expect(await ask('guardduty')).toBeUndefined();
  const { bucket, key, versionId } = aScannedObject();
  expect(asked).toEqual([{ bucket, key, versionId }]);
});

test('the function gets an address of the very version, and its answer is the result', async () => {
  const { ask, calls } = setup();
  expect(await ask('function')).toEqual({
    schema: 1,
    scanner: 'function',
    ...aScannedObject(),
    attempt: 1,
    outcome: 'clean',
  });
  const { key, versionId } = aScannedObject();
  expect(calls).toEqual([
    expect.objectContaining({
      uploadId: aScannedObject().uploadId,
      url: `https://example.com/${key}?versionId=${versionId}`,
      urlExpiresAt: '2026-11-20T09:20:00.000Z',
    }),
  ]);
  expect(calls[0]).not.toHaveProperty('scanner');
});

test.each(['guardduty', 'function'] as const)(
  'what %s refuses is a failed scan, with why',
  async (scanner) => {
    const refuse = async () => {
      throw new ScannerRefused('not today');
    };
    const { ask } = setup({ askGuardDuty: refuse, callFunction: refuse });
    expect(await ask(scanner)).toMatchObject({ scanner, outcome: 'failed', detail: 'not today' });
  },
);

test.each(['guardduty', 'function'] as const)(
  'a fault of %s is thrown, so that the request comes again',
  async (scanner) => {
    const fail = async () => {
      throw new Error('Rate exceeded');
    };
    const { ask } = setup({ askGuardDuty: fail, callFunction: fail });
    await expect(ask(scanner)).rejects.toThrow('Rate exceeded');
  },
);

test('a function that does not answer in time has failed', async () => {
  const { ask } = setup({
    timeout: () => AbortSignal.abort(),
    callFunction: async (_, signal) => {
      signal.throwIfAborted();
      return '';
    },
  });
  expect(await ask('function')).toMatchObject({
    outcome: 'failed',
    detail: 'The scanner function did not answer within 270 seconds',
  });
});

test('a function that is not configured, and a scanner with a queue of its own, have failed', async () => {
  expect(await setup({ callFunction: undefined }).ask('function')).toMatchObject({
    outcome: 'failed',
    detail: 'No scannerFunction is configured',
  });
  expect(await setup().ask('clamav')).toMatchObject({ outcome: 'failed' });
});
