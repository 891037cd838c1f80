import { describe, expect, test } from 'vitest';
import { DISHONEST } from '../../corpus/dishonest.ts';
import { HONEST } from '../../corpus/honest.ts';
import { read } from './read.ts';

/** What may be read of a file after its prefix, in bytes, by how it begins and what it is declared as. */
function mostOf(bytes: Uint8Array): number {
  const magic = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  if (magic.startsWith('PK')) return 3 * 65_536;
  if (magic === 'PAR1' || magic === 'PARE') return 8;
  return magic === '\xd0\xcf\x11\xe0' ? 4_096 : 0;
}

describe('what is read of a file after its first 8 KiB', () => {
  test.each([
    ...HONEST.map(({ name, type, bytes }) => ({ name, type, bytes })),
    ...DISHONEST.map(({ name, declared, bytes }) => ({ name, type: declared, bytes })),
  ])('is nothing but the table of a format that has one there: $name as $type', async ({ type, bytes }) => {
    // Longer than the prefix, whatever the file was: what follows is waste, as it can be in any upload.
    for (const file of [bytes, Buffer.concat([bytes, Buffer.alloc(20_000, 'x')])]) {
      const { reads } = await read(file, type);
      expect(reads.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(mostOf(bytes));
    }
  });
});
