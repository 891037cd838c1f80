// G15: what a type costs to be told: pieces and bytes read of it, and the time of the bytes that are hardest
// to read.
import { createHash } from 'node:crypto';
import type { ContentType } from '@sluice/contract/content-types';
import { readSignature } from '../src/lib/sniff/signature.ts';
import { sniff } from '../src/lib/sniff/sniff.ts';
import { PREFIX_BYTES } from '../src/lib/sniff/source.ts';
import { HONEST } from '../test/corpus/honest.ts';
import { sourceOf } from '../test/fakes/source.ts';
import { HOSTILE } from './sniffing/hostile.ts';
import { LARGE } from './sniffing/large.ts';
import { judge } from './verdict.ts';

type Cost = { readonly name: string; readonly pieces: readonly number[]; readonly bytes: number };

async function costOf(name: string, type: ContentType, content: Uint8Array): Promise<Cost> {
  const source = sourceOf(content);
  const sniffed = await sniff(source, { declaredType: type });
  if (sniffed.kind !== 'recognised' || sniffed.type !== type)
    throw new Error(`${name} is not taken for ${type}`);
  const pieces = source.reads.map(({ length }) => length);
  return { name, pieces, bytes: source.prefix.length + pieces.reduce((sum, length) => sum + length, 0) };
}

async function timeOf(type: string, content: Uint8Array): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 21; round++) {
    const started = performance.now();
    await sniff(sourceOf(content), { declaredType: type });
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[10] ?? Number.NaN;
}

const costs: Cost[] = [];
for (const { name, type, bytes } of LARGE) costs.push(await costOf(name, type, bytes));
console.log('\nRead of an object to tell its type, in bytes');
for (const { name, pieces, bytes } of costs) {
  const parts = [PREFIX_BYTES, ...pieces].map((length) => length.toLocaleString('en')).join(' + ');
  console.log(`  ${name.padEnd(58)}  ${bytes.toLocaleString('en').padStart(8)}  ${parts}`);
}

const honest: number[] = [];
for (const { type, bytes } of HONEST) honest.push(await timeOf(type, bytes));
const usual = honest.sort((a, b) => a - b)[Math.floor(honest.length / 2)] ?? Number.NaN;
const slowest: { name: string; ms: number }[] = [];
for (const { name, type, bytes } of HOSTILE) slowest.push({ name, ms: await timeOf(type, bytes) });
console.log(`\nTime to tell a type: ${usual.toFixed(3)} ms for an honest file (median of ${honest.length})`);
for (const { name, ms } of slowest.sort((a, b) => b.ms - a.ms)) {
  console.log(`  ${name.padEnd(58)}  ${ms.toFixed(2).padStart(8)} ms`);
}

// file-type is asked last, and for nothing that has a probe.
const random = Buffer.alloc(PREFIX_BYTES, 'Sluice\x01\x02');
const started = performance.now();
for (let n = 0; n < 1_000; n++) await readSignature(sourceOf(random), 'image/png');
console.log(`\nBytes of no format at all: ${(performance.now() - started).toFixed(1)} µs each`);

const MEBIBYTE = Buffer.alloc(1024 ** 2);
const hashingTimes = Array.from({ length: 101 }, () => {
  const begun = performance.now();
  createHash('sha256').update(MEBIBYTE).digest();
  return performance.now() - begun;
});
const hashing = hashingTimes.sort((a, b) => a - b)[50] ?? Number.NaN;
console.log(`SHA-256 of 1 MiB, for comparison: ${hashing.toFixed(2)} ms`);

const plain = costs.filter(({ name }) => name.startsWith('any other'));
const usualZip = costs.filter(({ name }) => name.startsWith('usual'));
judge([
  {
    id: 'G15',
    what: 'pieces more of a usual ZIP, Office or Parquet file',
    value: Math.max(...usualZip.map(({ pieces }) => pieces.length)),
    atMost: 1,
    strict: true,
  },
  {
    id: 'G15',
    what: 'bytes of one',
    value: Math.max(...usualZip.map(({ bytes }) => bytes)),
    atMost: 8_192 + 65_536,
    strict: true,
  },
  {
    id: 'G15',
    what: 'pieces more of any other type',
    value: Math.max(...plain.map(({ pieces }) => pieces.length)),
    atMost: 0,
    strict: true,
  },
  {
    id: 'G15',
    what: 'bytes of the worst archive',
    value: Math.max(...costs.map(({ bytes }) => bytes)),
    atMost: 8_192 + 3 * 65_536,
    strict: true,
  },
  {
    id: 'G15',
    what: 'time of the most hostile bytes / SHA-256 of 1 MiB',
    value: (slowest[0]?.ms ?? Number.NaN) / hashing,
    atMost: 100,
  },
]);
