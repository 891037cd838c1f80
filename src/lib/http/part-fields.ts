import { quotedETag } from '@sluice/connection/transfers/etag';
import { MAX_PARTS } from '@sluice/contract/part-plan';
import * as v from 'valibot';
import { MAX_REQUEST_BODY_BYTES } from './bounded-body.ts';
import { refusedAs } from './refused-as.ts';

/** A thousand checksums, or the ETags of ten thousand parts, are more than any other request holds. */
export const MAX_PARTS_BODY_BYTES = MAX_REQUEST_BODY_BYTES;

/** Parts are numbered from 1. */
export const PartNumber = refusedAs(
  'part_numbers_invalid',
  v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_PARTS)),
);

/** As S3 gave it, with or without its quotes, which many clients drop; parsed, it has them. */
export const ETag = refusedAs(
  'part_etag_invalid',
  v.pipe(v.string(), v.minLength(1), v.maxLength(256), v.transform(quotedETag)),
);
