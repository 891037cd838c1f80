import { createHash } from 'node:crypto';
import { createSha256 } from '@sluice/client/sha256';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

describe("the browsers' SHA-256", () => {
  // https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values
  test.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ])('gives the digest that NIST published for "%s"', (text, digest) => {
    const hash = createSha256();
    hash.update(new TextEncoder().encode(text));
    expect(hex(hash.digest())).toBe(digest);
  });

  test("equals Node's whatever the bytes are and however they are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 }), (chunks) => {
        const hash = createSha256();
        const oracle = createHash('sha256');
        for (const chunk of chunks) {
          hash.update(chunk);
          oracle.update(chunk);
        }
        expect(hex(hash.digest())).toBe(oracle.digest('hex'));
      }),
    );
  });

  test.each([55, 56, 63, 64, 65, 119, 120, 128])('pads %i bytes as the standard says', (length) => {
    const bytes = new Uint8Array(length).fill(7);
    const hash = createSha256();
    hash.update(bytes);
    expect(hex(hash.digest())).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  // Engines may differ in the last bit of a root. None of the constants is so near to the next that it would
  // show.
  test('has constants that no rounding of a root can change', () => {
    const primes = [...Array(312).keys()].filter(
      (n) => n > 1 && ![...Array(n).keys()].some((d) => d > 1 && n % d === 0),
    );
    expect(primes.length).toBe(64);
    for (const prime of primes) {
      for (const root of [Math.cbrt(prime), ...(prime < 20 ? [Math.sqrt(prime)] : [])]) {
        const beyond = ((root % 1) * 2 ** 32) % 1;
        expect(Math.min(beyond, 1 - beyond)).toBeGreaterThan(2 ** -12);
      }
    }
  });
});
