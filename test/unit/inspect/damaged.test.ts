// A few damaged files; `npm run fuzz:inspection` tries far more.
import { expect, test } from 'vitest';
import { ORIGINALS } from '../../fuzz/inspected.ts';
import { mutate } from '../../fuzz/mutate.ts';
import { look } from './file.ts';

const EACH = 4;

test.each(ORIGINALS.map((original, index) => [original.name, original, index] as const))(
  'a look into a damaged file ends, and no parser throws: %s',
  async (_, { type, bytes }, index) => {
    for (let round = 0; round < EACH; round++) {
      const looked = await look(type, mutate(bytes, index * EACH + round));
      expect(looked.cause).toBeUndefined();
      // A row has room for 400 KB in all.
      expect(JSON.stringify(looked.facts).length).toBeLessThan(8192);
    }
  },
);
