import { readFileSync } from 'node:fs';
import { availablePartitions, availableRegions } from '@sluice/connection/settings/regions';
import { toSuffix } from '@sluice/connection/sign/address';
import { expect, test } from 'vitest';

/** What the SDK goes by, and does not export. */
function readPartitions() {
  const file = 'submodules/client/util-endpoints/lib/aws/partitions.js';
  const path = new URL(`../../../node_modules/@aws-sdk/core/dist-es/${file}`, import.meta.url);
  const [, json = ''] = /partitionsInfo = (\{.*\});/s.exec(readFileSync(path, 'utf8')) ?? [];
  const info: {
    readonly partitions: readonly {
      readonly id: string;
      readonly outputs: { readonly dnsSuffix: string };
      readonly regions: Readonly<Record<string, unknown>>;
    }[];
  } = JSON.parse(json);
  return info.partitions;
}

test("lists the regions of every partition that the SDK knows, with the SDK's suffix for each", () => {
  const partitions = readPartitions();
  expect(availablePartitions().toSorted()).toEqual(partitions.map(({ id }) => id).toSorted());
  for (const id of availablePartitions()) {
    const theirs = partitions.find((one) => one.id === id);
    const regions = Object.keys(theirs?.regions ?? {}).filter((region) => !region.endsWith('-global'));
    expect(availableRegions(id), id).toEqual(regions);
    for (const region of regions) expect(toSuffix(region), region).toBe(theirs?.outputs.dnsSuffix);
  }
  expect(availableRegions()).toContain('eu-central-1');
});
