import * as v from 'valibot';
import { checksumField } from './checksum-field.ts';
import { parseBody, type WithBody } from './parse-body.ts';
import { MAX_PARTS_BODY_BYTES, PartNumber } from './part-fields.ts';
import { bodyOf, refusedAs } from './refused-as.ts';

const MAX_SIGNED_AT_ONCE = 1_000;

const PartsBody = bodyOf({
  format: v.exactOptional(refusedAs('parts_format_invalid', v.picklist(['urls', 'compact']))),
  parts: v.exactOptional(
    refusedAs(
      'part_numbers_invalid',
      v.pipe(
        v.array(
          v.strictObject({
            partNumber: PartNumber,
            checksum: v.exactOptional(checksumField('part_checksum_invalid')),
          }),
        ),
        v.minLength(1),
        v.maxLength(MAX_SIGNED_AT_ONCE),
      ),
    ),
  ),
});

/**
 * The body of `POST /uploads/{id}/parts`: the parts to sign, or `format: "compact"` for all of them at once.
 */
export function parseParts(event: WithBody): v.InferOutput<typeof PartsBody> {
  return parseBody(PartsBody, event, MAX_PARTS_BODY_BYTES);
}
