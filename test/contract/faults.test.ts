// Every answer of S3, DynamoDB and SQS on an upload's path, spoiled one at a time in every way of the table:
// whatever an answer claims, no dishonest file is accepted, no row says "accepted" without its bytes, and no
// original is removed without evidence of where it went.
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { FAULTS, type Fault } from './faults/fault.ts';
import { SCENARIOS, type Scenario } from './faults/scenarios.ts';
import type { Traffic } from './faults/tampering.ts';
import { type Engine, openEngine, openWorld, type World } from './faults/world.ts';

type Case = Scenario & { readonly kept: 'versions' | 'no versions' };
const CASES: readonly Case[] = [
  ...SCENARIOS.map((scenario) => ({ ...scenario, kept: 'versions' as const })),
  ...SCENARIOS.filter(({ isAboutVersions }) => isAboutVersions).map((scenario) => ({
    ...scenario,
    kept: 'no versions' as const,
  })),
];

let engines: Readonly<Record<Case['kept'], Engine>>;
beforeAll(async () => {
  engines = {
    versions: await openEngine(inject('endpoint'), { versioned: true }),
    'no versions': await openEngine(inject('endpoint'), { versioned: false }),
  };
});

/** Every call that a scenario makes when all goes well. */
async function callsOf(one: Case): Promise<Traffic['calls']> {
  const { kept, bytes, changes, isAlone = false, prepare, act } = one;
  const world = await openWorld(engines[kept], bytes, changes, { isAlone });
  await prepare?.(world);
  const { traffic, ...ports } = world.tampered();
  await act(world, ports);
  return traffic.calls;
}

/** Runs a scenario with the answer of one call spoiled, lets the queue and one sweep finish it, and looks. */
async function runWith(one: Case, fault: Fault, call: number) {
  const { kept, bytes, changes, isAlone = false, prepare, act } = one;
  const world = await openWorld(engines[kept], bytes, changes, { isAlone });
  await prepare?.(world);
  const { traffic, ...ports } = world.tampered({ call, fault, bytes });
  await act(world, ports).catch(() => {});
  await world.redeliver();
  await world.sweepOnce();
  return { tampered: traffic.tampered() ?? 'nothing', found: await world.look() };
}

type Found = Awaited<ReturnType<World['look']>>;

/**
 * The row's word and the buckets agree, and bytes that were sent are somewhere, unless their owner had them
 * deleted.
 */
function isAsItIsSaid({ isSent, state, incoming, store, quarantine, aside }: Found): boolean {
  if (state === 'accepted') return store === 'the bytes';
  if (state === 'deleted') return true; // a removal that is not one shows in nothing but another HEAD
  if (store !== 'nothing') return false;
  if (state === 'rejected') return quarantine === 'the bytes';
  return !isSent || [incoming, quarantine, aside].includes('the bytes');
}

// At once, since some wait for the pause before a retry.
const AT_ONCE = 8;

describe('whichever answer is spoiled, in whatever way', () => {
  const title = '$title is neither lost nor misjudged where incoming keeps $kept';
  test.each(CASES)(title, { timeout: 120_000 }, async (one) => {
    const calls = await callsOf(one);
    const spoiled = FAULTS.flatMap((fault) =>
      calls.flatMap(({ operation, request }, index) =>
        fault.suits(operation, request) ? [{ fault, call: index + 1 }] : [],
      ),
    );
    expect(spoiled.length).toBeGreaterThan(2 * calls.length);
    const outcomes: Awaited<ReturnType<typeof runWith>>[] = [];
    for (let from = 0; from < spoiled.length; from += AT_ONCE) {
      const batch = spoiled.slice(from, from + AT_ONCE);
      outcomes.push(...(await Promise.all(batch.map(({ fault, call }) => runWith(one, fault, call)))));
    }
    const wrong = outcomes
      .filter(({ found }) => !isAsItIsSaid(found) || !one.ends.includes(found.state))
      .map(({ tampered, found: { state, incoming, store, quarantine } }) =>
        [
          `${tampered}: ends ${state}`,
          `incoming has ${incoming}, the store ${store}, quarantine ${quarantine}`,
        ].join('; '),
      );
    expect(wrong).toEqual([]);
    expect(outcomes.filter(({ tampered }) => tampered === 'nothing')).toEqual([]);
  });
});
