// What scanners say, through the function that records it.
import type { Upload } from '@sluice/contract/upload';
import { afterEach, expect, test, vi } from 'vitest';
import { createHandler } from '../../../src/handlers/record-scans.ts';
import { captureLog } from '../../fakes/log-lines.ts';
import { createFakeScanners, scannedBy } from '../../fakes/scanners.ts';
import { context, createWorld, ID, INCOMING, KEY, readEvent, variantsOf } from './world.ts';

afterEach(() => void vi.restoreAllMocks());

const VERSION = { etag: 'd41d8cd98f00b204e9800998ecf8427e', versionId: '3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY' };

/** The upload that the events are about waits for ClamAV, GuardDuty and inspection. */
async function setup(bucket = INCOMING) {
  const lines = captureLog();
  const waiting: Partial<Upload> = {
    state: 'scanning',
    key: KEY,
    policy: 'data',
    epoch: 1,
    evidence: { ...VERSION, size: 3 },
    scans: {},
  };
  const world = {
    ...(await createWorld(waiting)),
    scanners: createFakeScanners('clamav', 'guardduty', 'inspection'),
    policies: scannedBy('clamav', 'guardduty', 'inspection'),
    incomingBucket: bucket,
    storeBucket: 'store',
  };
  const handle = createHandler(world);
  return {
    world,
    told: () => lines.flatMap(({ message }) => message ?? []),
    deliver: (variant: string) => handle(readEvent(`record-scans.${variant}.json`), context),
  };
}

const CASES: Readonly<Record<string, readonly unknown[]>> = {
  clean: [['scan recorded'], [], { clamav: { outcome: 'clean' } }],
  infected: [['scan announced'], [], { clamav: { outcome: 'infected', threats: ['Eicar-Signature'] } }],
  guardduty: [['scan announced'], [], { guardduty: { outcome: 'infected' } }],
  inspected: [['scan recorded'], [], { inspection: { outcome: 'clean' } }],
  'one-unreadable': [['scan not recorded', 'scan recorded'], [1], { clamav: { outcome: 'clean' } }],
};

test('every event of record-scans is expected here', () => {
  expect(Object.keys(CASES).toSorted()).toEqual(variantsOf('record-scans').toSorted());
});

test.each(Object.entries(CASES))(
  'record-scans.%s is told of, recorded, and answered for each message',
  async (variant, [messages, failures, scans]) => {
    const { world, told, deliver } = await setup();
    const { batchItemFailures } = (await deliver(variant)) ?? {};
    expect(told().toSorted()).toEqual(messages);
    expect(batchItemFailures).toHaveLength((failures as unknown[]).length);
    expect(world.row()?.scans).toMatchObject(scans as object);
    const isAnnounced = told().includes('scan announced');
    expect(world.announced).toEqual(isAnnounced ? [ID] : []);
  },
);

test('a result for an object in another bucket is told of, and changes nothing', async () => {
  const { world, told, deliver } = await setup('ours');
  const before = world.row();
  expect(await deliver('infected')).toEqual({ batchItemFailures: [] });
  expect(told()).toEqual(['scan of a bucket that is not ours']);
  expect(world.row()).toEqual(before);
});

test('a result that cannot be recorded comes again', async () => {
  const { world, told, deliver } = await setup();
  world.ledger.recordScan = async () => Promise.reject(new Error('down'));
  expect((await deliver('clean'))?.batchItemFailures).toHaveLength(1);
  expect(told()).toEqual(['scan not recorded']);
});
