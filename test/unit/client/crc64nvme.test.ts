import { Crc64Nvme } from '@aws-sdk/checksums/crc';
import { createCrc64Nvme } from '@sluice/client/crc64nvme';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

function crcOf(...chunks: readonly Uint8Array[]): string {
  const hash = createCrc64Nvme();
  for (const chunk of chunks) hash.update(chunk);
  return Buffer.from(hash.digest()).toString('hex');
}

describe('the CRC-64/NVME', () => {
  test.each([
    ['', '0000000000000000'],
    ['123456789', 'ae8b14860a799888'],
  ])('of "%s" is the published %s', (text, expected) => {
    expect(crcOf(Buffer.from(text))).toBe(expected);
  });

  test('of any bytes, in whatever chunks, is what the AWS SDK computes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(300), async (bytes, at) => {
        const oracle = new Crc64Nvme();
        oracle.update(bytes);
        const expected = Buffer.from(await oracle.digest()).toString('hex');
        expect(crcOf(bytes)).toBe(expected);
        expect(crcOf(bytes.subarray(0, at), bytes.subarray(at))).toBe(expected);
      }),
    );
  });
});
