import type { AddressRequest } from '../upload/address.ts';

/**
 * The parameters by which S3 answers a signed request with other headers than the object's own. They are part
 * of what is signed, so that nobody else can set them.
 */
export function toAnswerQuery({ contentType, contentDisposition }: NonNullable<AddressRequest['answer']>) {
  return { 'response-content-disposition': contentDisposition, 'response-content-type': contentType };
}
