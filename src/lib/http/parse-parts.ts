import { quotedETag } from '@sluice/connection/transfers/etag';
import { CHECKSUM_ALGORITHMS, isChecksumValue } from '@sluice/contract/checksum';
import { MAX_PARTS } from '@sluice/contract/part-plan';
import type { RefusalCode } from '@sluice/contract/refusals';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { MAX_REQUEST_BODY_BYTES } from './bounded-body.ts';
import { parseBody } from './parse-body.ts';

const MAX_SIGNED_AT_ONCE = 1_000;

/** A thousand checksums, or the ETags of ten thousand parts, are more than any other request holds. */
export const MAX_PARTS_BODY_BYTES = MAX_REQUEST_BODY_BYTES;

function code(name: RefusalCode) {
  return name;
}

const PartNumber = v.pipe(
  v.number(code('part_numbers_invalid')),
  v.integer(code('part_numbers_invalid')),
  v.minValue(1, code('part_numbers_invalid')),
  v.maxValue(MAX_PARTS, code('part_numbers_invalid')),
);

const PartChecksum = v.pipe(
  v.strictObject(
    {
      algorithm: v.picklist(CHECKSUM_ALGORITHMS, code('part_checksum_invalid')),
      value: v.string(code('part_checksum_invalid')),
    },
    code('part_checksum_invalid'),
  ),
  v.check(({ algorithm, value }) => isChecksumValue(algorithm, value), code('part_checksum_invalid')),
);

const PartsBody = v.strictObject(
  {
    format: v.exactOptional(v.picklist(['urls', 'compact'], code('parts_format_invalid'))),
    parts: v.exactOptional(
      v.pipe(
        v.array(
          v.strictObject(
            { partNumber: PartNumber, checksum: v.exactOptional(PartChecksum) },
            code('part_numbers_invalid'),
          ),
          code('part_numbers_invalid'),
        ),
        v.minLength(1, code('part_numbers_invalid')),
        v.maxLength(MAX_SIGNED_AT_ONCE, code('part_numbers_invalid')),
      ),
    ),
  },
  code('body_malformed'),
);

type Body = Pick<APIGatewayProxyEventV2, 'body' | 'headers' | 'isBase64Encoded'>;

/** The body of `POST /uploads/{id}/parts`: the parts to sign, or `format: "compact"` for all of them at once. */
export function parseParts(event: Body): v.InferOutput<typeof PartsBody> {
  return parseBody(PartsBody, event, MAX_PARTS_BODY_BYTES);
}

/** As S3 gave it, with or without its quotes, which many clients drop; parsed, it has them. */
export const ETag = v.pipe(
  v.string(code('part_etag_invalid')),
  v.minLength(1, code('part_etag_invalid')),
  v.maxLength(256, code('part_etag_invalid')),
  v.transform(quotedETag),
);

const CompleteBody = v.strictObject(
  {
    parts: v.exactOptional(
      v.pipe(
        v.array(
          v.strictObject(
            {
              partNumber: PartNumber,
              etag: ETag,
            },
            code('part_numbers_invalid'),
          ),
          code('part_numbers_invalid'),
        ),
        v.maxLength(MAX_PARTS, code('part_numbers_invalid')),
      ),
    ),
  },
  code('body_malformed'),
);

/** The body of `POST /uploads/{id}/complete`, which may be empty: S3's own list of the parts counts. */
export function parseComplete(event: Body): v.InferOutput<typeof CompleteBody> {
  return event.body ? parseBody(CompleteBody, event, MAX_PARTS_BODY_BYTES) : {};
}
