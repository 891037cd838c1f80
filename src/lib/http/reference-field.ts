import * as v from 'valibot';
import { refusedAs } from './refused-as.ts';

const MAX_REFERENCE_BYTES = 256;

/** The app's own id of what a file is for: a key of the ledger's index. */
export const ReferenceField = refusedAs(
  'reference_invalid',
  v.pipe(
    v.string(),
    v.check((text) => text !== '' && Buffer.byteLength(text) <= MAX_REFERENCE_BYTES),
  ),
);
