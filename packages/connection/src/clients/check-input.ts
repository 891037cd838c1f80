import type { MiddlewareStack } from '@smithy/types';
import { ParamValidationError } from '../errors/settings.ts';

/** As botocore's: what old buckets and other engines have is let through, a path is not. */
const BUCKET = /^[\w.-]{1,255}$/;
/** Of S3 itself, of Object Lambda and of Outposts; the SDK reads the rest of it. */
const ACCESS_POINT = /^arn:aws[\w-]*:s3[\w-]*:[\w-]*:\d{12}:(outpost[:/][\w-]+[:/])?accesspoint[:/][\w.-]+$/;
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
/**
 * Node would send other characters in an encoding that the signature does not have, or refuse them without
 * saying whose.
 */
const FIELD_TEXT = /^[\t\x20-\x7e]*$/;
const FIELDS = [
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
  'ContentType',
  'Tagging',
  'WebsiteRedirectLocation',
] as const;

/**
 * Refuses what S3 could not take before anything is signed, by name: a `ParamValidationError` from any call.
 */
export function checkInputs<Input extends object, Output extends object>(
  stack: MiddlewareStack<Input, Output>,
): void {
  stack.add(
    (next) => async (args) => {
      checkInput(new Map(Object.entries(args.input)));
      return next(args);
    },
    { step: 'initialize', name: 'checkInput' },
  );
}

function checkInput(input: ReadonlyMap<string, unknown>): void {
  const bucket = input.get('Bucket');
  if (typeof bucket === 'string' && bucket !== '' && !BUCKET.test(bucket) && !ACCESS_POINT.test(bucket))
    refuse(
      `"${bucket}" is not the name of a bucket${bucket.startsWith('arn:') ? ', nor the ARN of an access point' : ''}`,
    );
  // Without one a call is one of the bucket's: its address is all that is left.
  if (input.get('Key') === '') refuse('Key is empty: name an object');
  for (const field of FIELDS) {
    const value = input.get(field);
    if (typeof value === 'string' && !FIELD_TEXT.test(value)) refuse(`${field} ${plain}`);
  }
  for (const [name, value] of Object.entries(Object(input.get('Metadata')))) {
    if (!TOKEN.test(name))
      refuse(`metadata "${name}": a name has only letters, digits and - _ . and the like`);
    if (!FIELD_TEXT.test(String(value))) refuse(`metadata "${name}" ${plain}`);
  }
}

const plain = 'may hold only printable ASCII: encode the rest, for instance by percent signs';

function refuse(message: string): never {
  throw new ParamValidationError({ message });
}
