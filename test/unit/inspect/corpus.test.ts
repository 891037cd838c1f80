// What good files of every type have inside: nothing that a careful policy would reject.
import { expect, test } from 'vitest';
import { INSPECTION_FACTS } from '../../../src/lib/inspect/facts.ts';
import { flawsOf, isRejectable } from '../../../src/lib/inspect/judge.ts';
import { HONEST } from '../../corpus/honest.ts';
import { look } from './file.ts';

const REJECT = Object.keys(INSPECTION_FACTS).filter(isRejectable);
// Good files that do have what some policy may reject.
const WITH_FLAWS: Readonly<Record<string, readonly string[]>> = {
  'letter.docm': ['it has macros'],
  'sheet.xlsm': ['it has macros'],
  'sheet.xlsb': ['it has macros'],
  'slides.pptm': ['it has macros'],
  'library.jar': ['it has programs in it (file)'],
  // No more than its header, which is all that its first bytes show.
  'large.tiff: BigTIFF': ['it is malformed (there is no picture in it)'],
};

test.each(HONEST.map((file) => [file.name, file] as const))('%s', async (name, { type, bytes }) => {
  const { facts, unsupported, cause } = await look(type, bytes);
  expect(cause).toBeUndefined();
  expect({ unsupported, flaws: flawsOf(facts, { reject: REJECT }) }).toEqual({
    unsupported: undefined,
    flaws: WITH_FLAWS[name] ?? [],
  });
  for (const fact of Object.keys(facts)) expect(INSPECTION_FACTS).toHaveProperty([fact]);
});
