import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { INSPECTION_LIMITS } from '../../../src/lib/inspect/file.ts';
import { archive } from '../../corpus/archive.ts';
import { overlapping } from '../../corpus/bombs.ts';
import { honestFile } from '../../corpus/bytes.ts';
import { pax, tar } from '../../corpus/tar.ts';
import { lookInto, packedFile } from './archive-file.ts';

// `npm run fuzz:inspection` sets more.
const RUNS = Number(process.env.SLUICE_MUTANTS ?? 1_500);

const TAR = tar(pax({ path: 'a/b', size: '3' }), { name: 'a', content: 'one' }, { name: 'b', type: '2' });
const ZIP = archive(
  [
    { name: 'a.zip', content: archive([{ name: 'x', content: 'one', isDeflated: true }]) },
    { name: 'b', content: 'two'.repeat(50), isDeflated: true, isStreamed: true },
    { name: 'c.tar', content: TAR },
  ],
  { is64: true },
);

const SEEDS: readonly Buffer[] = [
  ZIP,
  TAR,
  gzipSync(TAR),
  zstdCompressSync(TAR),
  overlapping(5, 100),
  ...['packed.7z', 'packed.bz2', 'packed.xz', 'packed.zst', 'sheet.xlsx'].map(honestFile),
  ...['lzma.7z', 'bzip2.7z', 'plain-header.7z', 'lzma-end-mark.zip', 'tools.tar.bz2', 'tools.tar.xz'].map(
    packedFile,
  ),
];

// Small enough that a mutant cannot take long.
const LIMITS = { ...INSPECTION_LIMITS, unpackedBytes: 4 * 1024 ** 2, entries: 1000 };

const mutant = fc
  .record({
    seed: fc.nat(SEEDS.length - 1),
    flips: fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), to: fc.nat(255) }), {
      maxLength: 6,
    }),
    // Where the numbers are: the beginning and the end.
    edge: fc.array(fc.record({ at: fc.integer({ min: -120, max: 120 }), to: fc.nat(255) }), { maxLength: 4 }),
    cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 4 }),
  })
  .map(({ seed, flips, edge, cut }) => {
    const bytes = Buffer.from(SEEDS[seed] ?? '');
    for (const { at, to } of flips) bytes[Math.floor(at * (bytes.length - 1))] = to;
    for (const { at, to } of edge) bytes[at < 0 ? Math.max(0, bytes.length + at) : at % bytes.length] = to;
    return cut === null ? bytes : bytes.subarray(0, Math.max(1, Math.floor(cut * bytes.length)));
  });

test('an archive that was changed anywhere is looked into to an end, and nothing else is thrown', async () => {
  await fc.assert(
    fc.asyncProperty(mutant, async (bytes) => {
      const { facts, exceeded } = await lookInto(bytes, { limits: LIMITS });
      expect(typeof facts['archive.bytes']).toBe('number');
      if (exceeded !== undefined) expect(exceeded.found).toBeGreaterThan(exceeded.most);
    }),
    { numRuns: RUNS },
  );
});
