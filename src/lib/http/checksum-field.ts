import { CHECKSUM_ALGORITHMS, isChecksumValue } from '@sluice/contract/checksum';
import * as v from 'valibot';
import { refusedAs } from './refused-as.ts';

/** A checksum, by its algorithm. */
export function checksumField(refusal: 'checksum_invalid' | 'part_checksum_invalid') {
  return refusedAs(
    refusal,
    v.pipe(
      v.strictObject({ algorithm: v.picklist(CHECKSUM_ALGORITHMS), value: v.string() }),
      v.check(({ algorithm, value }) => isChecksumValue(algorithm, value)),
    ),
  );
}
