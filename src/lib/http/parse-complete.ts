import { MAX_PARTS } from '@sluice/contract/part-plan';
import * as v from 'valibot';
import { parseBody, type WithBody } from './parse-body.ts';
import { ETag, MAX_PARTS_BODY_BYTES, PartNumber } from './part-fields.ts';
import { bodyOf, refusedAs } from './refused-as.ts';

const CompleteBody = bodyOf({
  parts: v.exactOptional(
    refusedAs(
      'part_numbers_invalid',
      v.pipe(v.array(v.strictObject({ partNumber: PartNumber, etag: ETag })), v.maxLength(MAX_PARTS)),
    ),
  ),
});

/** The body of `POST /uploads/{id}/complete`, which may be empty: S3's own list of the parts counts. */
export function parseComplete(event: WithBody): v.InferOutput<typeof CompleteBody> {
  return event.body ? parseBody(CompleteBody, event, MAX_PARTS_BODY_BYTES) : {};
}
